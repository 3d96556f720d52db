import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { annealed, annealedDeviation, constant, type NoiseSchedule } from './schedules.js';

/** Standard deviations of the specification's table, by update and eta. */
const TABLE: [t: number, eta: number, deviation: number][] = [
  [0, 0.01, 0.1],
  [0, 0.3, 0.547723],
  [0, 1, 1],
  [1, 0.01, 0.082645],
  [9, 0.3, 0.290777],
  [99, 1, 0.281838],
  [999, 0.01, 0.014962],
  [9999, 0.3, 0.043507],
  [99999, 1, 0.04217],
];

function deviationAt(schedule: NoiseSchedule, step: number, replicas = 1): number[] {
  return tf.tidy(() => [...schedule.deviation(tf.scalar(step, 'int32'), schedule.init(replicas)).dataSync()]);
}

describe('annealed', () => {
  it.each(TABLE)('has at update %i, for eta %d, the standard deviation %d', (t, eta, deviation) => {
    expect(deviationAt(annealed({ eta }), t)[0]).toBeCloseTo(deviation, 6);
    expect(annealedDeviation(eta, 0.55, t)).toBeCloseTo(deviation, 6);
  });

  it('gives every replica its own size and decay, and none where eta is 0', () => {
    const deviations = deviationAt(annealed({ eta: [1, 0, 0.01], gamma: [0.55, 0.55, 0] }), 99, 3);
    expect(deviations[0]).toBeCloseTo(0.281838, 6);
    expect(deviations[1]).toBe(0);
    expect(deviations[2]).toBeCloseTo(0.1, 6);
  });

  it('refuses a list that is not one number for each replica', () => {
    expect(() => annealed({ eta: [1, 2] }).init(3)).toThrow('eta has 2 values for 3 replicas');
  });
});

describe('constant', () => {
  it('has the same standard deviation at every update', () => {
    expect(deviationAt(constant(0.25), 0)).toEqual([0.25]);
    expect(deviationAt(constant(0.25), 100_000)).toEqual([0.25]);
  });
});
