import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DataContext } from '../experiments/experiment.js';
import { settingsOf } from '../trainer/settings.js';
import { toy, toyTrial } from '../trainer/toy.test-helper.js';
import { calibrate, extrapolate } from './calibration.js';

const context: DataContext = { folders: [], offline: true, notice() {} };
const settings = settingsOf(toy, toyTrial(0).description);

beforeAll(() => tf.setBackend('cpu'));

describe('the estimate of a trial', () => {
  const budget = { steps: 100, reportEvery: 5, evaluateEvery: 30 };

  it('is the time per update and replica times the updates, and that of all tests', () => {
    const measured = { replicas: 4, first: 1, updates: 10, seconds: 2, testSeconds: 0.5 };
    // Tests at 30, 60, 90 and at the end.
    expect(extrapolate(budget, measured, undefined, settings)).toEqual({
      replicas: 4,
      secondsPerTrial: (20 + 4 * 0.5) / 4,
      testSecondsPerTrial: 0.5,
    });
  });

  it('weighs updates and tests as the experiment says', () => {
    const calibrating = { settings: () => settings, work: () => (step: number) => step, testWork: () => 10 };
    const measured = { replicas: 1, first: 2, updates: 2, seconds: 5, testSeconds: 1 };
    expect(extrapolate(budget, measured, calibrating, settings).secondsPerTrial).toBe(4950 + 40);
  });
});

describe('calibration', () => {
  it('times a short training, says what memory it took, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const result = await calibrate(toy, [toyTrial(0), toyTrial(1)], context, 0);
    expect(result.replicas).toBe(2);
    expect(result.secondsPerTrial).toBeGreaterThan(result.testSecondsPerTrial);
    // Weights, their gradients and the batch, at least.
    expect(result.bytesPerReplica).toBeGreaterThan(4 * (3 + 3 + 8 * 3));
    expect(tf.memory().numTensors).toBe(before);
  });
});
