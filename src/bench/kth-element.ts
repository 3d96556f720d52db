import { testSet } from '../experiments/kth-element/examples.js';
import { kthElement } from '../experiments/kth-element/experiment.js';
import { dataSchema, kthElementTrainSchema, modelSchema } from '../experiments/kth-element/settings.js';
import { freshBatches, type Stepper } from './stepper.js';

const settings = {
  data: dataSchema.parse({ task: 'ListK', memory: 9, maximum: 3, testExamples: 1 }),
  model: modelSchema.parse({ units: 32, registers: 4, steps: 6 }),
  train: kthElementTrainSchema.parse({
    batchSize: 50,
    rate: 0.003,
    optimiser: { name: 'adam' },
    clip: { at: 100 },
    noise: { eta: 0.3 },
    activationClip: 30,
    updates: 1,
  }),
};

/** Random-access machines on lists of up to 3: 9 cells, 4 registers, 6 time steps, an LSTM of 32 units, batches of 50. */
export function kthElementSteps(replicas: number): Stepper {
  const seeds = Array.from({ length: replicas }, (_, seed) => seed);
  return freshBatches(kthElement, settings, seeds, testSet(settings.data));
}
