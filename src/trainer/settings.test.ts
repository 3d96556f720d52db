import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { experiments } from '../experiments/index.js';
import { settings } from '../experiments/neural-gpu/example.test-helper.js';
import { neuralGpu } from '../experiments/neural-gpu/experiment.js';
import { unplannedTrial } from '../experiments/unplanned.js';
import { settingsOf } from './settings.js';

describe('the settings of a description', () => {
  const own = settings({}, {}, { noise: { eta: 1, scaledBy: 'error' } });
  const { description } = unplannedTrial(neuralGpu, own, 0);

  it('are those it was made of, what only this experiment has included', () => {
    expect(settingsOf(neuralGpu, description)).toEqual(own);
  });

  it('are the same after a journey as JSON, to a worker or a queue', () => {
    expect(settingsOf(neuralGpu, JSON.parse(JSON.stringify(description)))).toEqual(own);
  });

  it.each([
    ['model', { ...description.model, layers: 3 }, /model: Unrecognized key: "layers"/],
    ['train', { ...description.train, rate: -1 }, /train\.rate: .*>0/],
    ['train', { ...description.train, curriculum: { start: 0 } }, /train\.curriculum\.start: /],
    ['data', {}, /data\.maximum: /],
  ])('are refused where %s is not of this version, with the place', (section, changed, message) => {
    const foreign = { ...description, [section]: changed };
    expect(() => settingsOf(neuralGpu, foreign)).toThrow(UserError);
    expect(() => settingsOf(neuralGpu, foreign)).toThrow(message);
  });

  it("are no other experiment's", () => {
    expect(() => settingsOf(experiments.get('mnist20')!, description)).toThrow(/A trial of mnist20 .*data/);
  });
});
