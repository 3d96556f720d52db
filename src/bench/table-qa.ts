import { tableQa } from '../experiments/table-qa/experiment.js';
import { dataSchema, modelSchema, tableQaTrainSchema } from '../experiments/table-qa/settings.js';
import { type Network, network } from './network.js';

/** Seeds in a population: replicas of one seed differ in their settings, and share their examples. */
const SEEDS = 3;

/** The three experiments of the paper, with fewer units than its 256. */
const WORLDS = {
  'single column': { data: {}, model: { units: 64 } },
  'five columns': { data: { numericColumns: 5 }, model: { units: 64, bidirectional: true } },
  'text entries': { data: { textColumns: 1 }, model: { units: 64 } },
};

/** Neural Programmers: batches of 50 questions on tables of up to 100 rows, with clipping, noise and Adam. */
export function tableQaNetwork(world: keyof typeof WORLDS): Network {
  return network({
    experiment: tableQa,
    settings: {
      data: dataSchema.parse({ ...WORLDS[world].data, testTemplates: 1 }),
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
    },
    seedOf: (replica) => replica % SEEDS,
  });
}
