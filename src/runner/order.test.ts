import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load.js';
import { UserError } from '../errors.js';
import { experiments } from '../experiments/index.js';
import { planTrials } from '../planning/plan.js';
import { type Trial, type TrialDescription, trialId } from '../trials/trial.js';
import { parseOrder, type SweepOrder } from './order.js';
import { ownVersion } from './version.js';

/** The trials of a shipped config, on the data that stand in where there are such. */
function trialsOf(file: string, profile: string): Trial[] {
  const config = loadConfig(file, experiments, { profile });
  const variants = config.experiment.dataVariants;
  return planTrials(config, (data) => (variants?.(data).at(-1) ?? data) as typeof data);
}

const orderOf = (trials: readonly Trial[]): SweepOrder => ({
  gnoise: ownVersion(),
  trials,
  cards: 0,
  backend: { backend: 'wasm', device: 'auto', threads: 0, verbose: false },
  results: 'results',
  dataFolders: ['/data'],
  processes: 2,
  population: null,
  checkpointSeconds: 60,
  retryFailedBefore: new Date().toISOString(),
  keepWeights: false,
});

const sound = orderOf(trialsOf('configs/mnist20.yaml', 'smoke'));

/** The sound order with its first trial described otherwise, under the id of that description. */
function withDescription(changes: object): SweepOrder {
  const [first, ...others] = sound.trials as [Trial, ...Trial[]];
  const description = { ...first.description, ...changes } as TrialDescription;
  return { ...sound, trials: [{ ...first, id: trialId(description), description }, ...others] };
}

describe('an order', () => {
  it.each(readdirSync('configs'))('for the trials of %s survives its way to another process', (file) => {
    for (const profile of loadConfig(`configs/${file}`, experiments).profiles) {
      const order = orderOf(trialsOf(`configs/${file}`, profile).slice(0, 3000));
      expect(parseOrder(JSON.parse(JSON.stringify(order)))).toEqual(order);
    }
  });

  const [first, second] = sound.trials as [Trial, Trial];
  const { data, model, train } = first.description;
  const { init: _, ...incomplete } = model;
  it.each<[string, unknown, string]>([
    ['comes from another version', { ...sound, gnoise: '9.9.9' }, `comes from gnoise 9.9.9, and this is`],
    ['comes from another version and has its form', { gnoise: '9.9.9' }, 'comes from gnoise 9.9.9'],
    ['is nothing', null, 'comes from gnoise undefined'],
    ['lacks a part', { ...sound, results: undefined }, 'results: '],
    ['has a part too many', { ...sound, code: 'evil()' }, 'code'],
    ['holds no trials', { ...sound, trials: [] }, 'trials: '],
    ['asks for no process', { ...sound, processes: 0 }, 'processes: '],
    [
      'names a folder outside the results',
      { ...sound, trials: [{ ...first, config: '../..' }] },
      'trials.0.config: not the name of a folder',
    ],
    ['mixes configs', { ...sound, trials: [first, { ...second, config: 'other' }] }, 'several configs'],
    [
      'has a trial under the id of another',
      { ...sound, trials: [{ ...first, id: second.id }] },
      'its id is not that of its description',
    ],
    [
      'is of an experiment that does not exist',
      withDescription({ experiment: 'mnist21' }),
      'there is no experiment mnist21',
    ],
    ['is of another revision', withDescription({ revision: 99 }), 'revision 99 of mnist20'],
    ['has an unknown setting', withDescription({ train: { ...train, extra: 1 } }), 'extra'],
    ['has a setting out of range', withDescription({ model: { ...model, layers: -1 } }), 'model.layers: '],
    ['lacks a setting', withDescription({ model: incomplete }), 'model.init'],
    [
      'has settings that contradict each other',
      withDescription({ data: { ...data, trainExamples: 1 } }),
      'train.batchSize: ',
    ],
    ['has a seed out of range', withDescription({ seed: 2 ** 28 }), 'too large for a seed'],
  ])('that %s is refused in words', (_what, order, reason) => {
    expect(() => parseOrder(order)).toThrow(UserError);
    expect(() => parseOrder(order)).toThrow('The order to train cannot be carried out: ');
    expect(() => parseOrder(order)).toThrow(reason);
  });
});
