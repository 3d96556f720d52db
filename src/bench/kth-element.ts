import { kthElement } from '../experiments/kth-element/experiment.js';
import { dataSchema, kthElementTrainSchema, modelSchema } from '../experiments/kth-element/settings.js';
import { network } from './network.js';

/** Random-access machines on lists of up to 3: 9 cells, 4 registers, 6 time steps, an LSTM of 32 units, batches of 50. */
export const kthElementNetwork = network({
  experiment: kthElement,
  settings: {
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
  },
});
