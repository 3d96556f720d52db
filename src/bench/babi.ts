import { babi } from '../experiments/babi/experiment.js';
import { babiTrainSchema, dataSchema, modelSchema } from '../experiments/babi/settings.js';
import { network } from './network.js';

const ALL_TASKS = Array.from({ length: 20 }, (_, task) => task + 1);

/**
 * End-to-end memory networks on all 20 tasks, generated: width 50, 3 hops over 50 statements, batches of 32, clipping of every
 * matrix, noise and plain descent.
 */
export const babiNetwork = network({
  experiment: babi,
  settings: {
    data: dataSchema.parse({ source: 'generated', tasks: ALL_TASKS }),
    model: modelSchema.parse({ width: 50 }),
    train: babiTrainSchema.parse({
      batchSize: 32,
      rate: 0.01,
      clip: { by: 'tensor-norm', at: 40 },
      noise: { eta: 1 },
      epochs: 200,
      halveEvery: 15,
    }),
  },
});
