import { describe, expect, it } from 'vitest';
import { load, SOUND } from '../config/toy.test-helper.js';
import { planTrials } from '../planning/plan.js';
import { planPopulations } from './populations.js';
import type { Trial } from './trial.js';

const trials = planTrials(load(SOUND), (data) => data);
const layers = ({ description }: Trial) => ({ layers: description.model.layers! });

describe('populations', () => {
  it.each([1, 2, 5, 7, 12, 18, 100])('of at most %i hold every trial once, with equals only', (size) => {
    const populations = planPopulations(trials, layers, size);
    expect(
      populations
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(trials.map(({ id }) => id).sort());
    for (const population of populations) {
      expect(population.length).toBeLessThanOrEqual(size);
      expect(new Set(population.map((trial) => layers(trial).layers)).size).toBe(1);
    }
  });

  it('are as few as possible and of about the same size', () => {
    const sizes = planPopulations(trials, layers, 7).map((population) => population.length);
    // 12 trials of 2 layers, 18 of 20.
    expect(sizes).toEqual([6, 6, 6, 6, 6]);
    const smaller = planPopulations(trials, layers, 5).map((population) => population.length);
    expect(smaller.toSorted()).toEqual([4, 4, 4, 4, 4, 5, 5]);
  });

  it('begin with the trials that come first', () => {
    const populations = planPopulations(trials, layers, 4);
    const starts = populations.map(([first]) => trials.indexOf(first!));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    for (const population of populations) {
      const positions = population.map((trial) => trials.indexOf(trial));
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    }
  });

  it('may be smaller where the structure needs more memory', () => {
    const sizes = planPopulations(trials, layers, (trial) => (layers(trial).layers === 20 ? 9 : 12));
    expect(sizes.map((population) => population.length)).toEqual([12, 9, 9]);
  });

  it('of no trials are none', () => {
    expect(planPopulations([], layers, 3)).toEqual([]);
  });
});
