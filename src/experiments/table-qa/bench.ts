import * as tf from '@tensorflow/tfjs';
import { Population } from '../../trainer/population.js';
import type { Trial } from '../../trials/trial.js';
import type { Experiment } from '../experiment.js';
import { tableQa } from './experiment.js';
import { testSet } from './questions.js';
import { dataSchema, modelSchema, tableQaTrainSchema } from './settings.js';

/** Seeds in a population: replicas of one seed differ in their settings, and share their examples. */
const SEEDS = 3;

/** The three experiments of the paper, with fewer units than its 256. */
const WORLDS = {
  'single-column': { data: {}, model: { units: 64 } },
  'five-columns': { data: { numericColumns: 5 }, model: { units: 64, bidirectional: true } },
  'text-entries': { data: { textColumns: 1 }, model: { units: 64 } },
};

/**
 * A population of Neural Programmers: batches of 50 questions on tables of up to 100 rows, with clipping, noise and Adam.
 * `step` advances every replica by one update, `finish` waits until the device has done all steps.
 */
export function tableQaStep(replicas: number, world: keyof typeof WORLDS = 'single-column') {
  const data = dataSchema.parse({ ...WORLDS[world].data, testTemplates: 1 });
  const settings = {
    data,
    model: modelSchema.parse(WORLDS[world].model),
    train: tableQaTrainSchema.parse({
      batchSize: 50,
      updates: 1,
      rate: 0.001,
      optimiser: { name: 'adam' },
      clip: { at: 50 },
      noise: { eta: 1 },
      delta: 10,
      lambda: 50,
    }),
  };
  const trials = Array.from(
    { length: replicas },
    (_, r) => ({ id: `${r}`, description: { ...settings, seed: r % SEEDS } }) as unknown as Trial,
  );
  const population = new Population(tableQa as unknown as Experiment, trials, testSet(data));
  return {
    step: () => population.update(),
    async finish() {
      await tf.tidy(() => tf.sum(population.parameters[0]!)).data();
    },
    dispose: () => population.dispose(),
  };
}
