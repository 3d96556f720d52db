import { drawSize } from '../experiments/neural-gpu/curriculum.js';
import { multiplication } from '../experiments/neural-gpu/experiment.js';
import { dataSchema, modelSchema, neuralGpuTrainSchema } from '../experiments/neural-gpu/settings.js';
import { network } from './network.js';

/** Digits of each operand in every sequence: 11 positions, so 22 CGRUs deep. */
const DIGITS = 5;
/** Below the largest size, where the parameter sets are still relaxed. */
const LEVEL = DIGITS - 1;

/** The paper's network on binary multiplication: 24 maps, 6 relaxed sets, batches of 32, dropout, clipping, noise, Adam. */
export const neuralGpuNetwork = network({
  experiment: multiplication,
  settings: {
    data: dataSchema.parse({ task: 'multiplication', maximum: DIGITS, testSize: DIGITS, testExamples: 1 }),
    model: modelSchema.parse({ maps: 24, sets: 6 }),
    train: neuralGpuTrainSchema.parse({
      batchSize: 32,
      steps: 1_000_000,
      evaluateEvery: 1_000_000,
      optimiser: { name: 'adam', epsilon: 1e-4 },
      rate: 0.001,
      clip: { at: 1 },
      noise: { eta: 1 },
      dropout: 0.09,
      curriculum: { start: LEVEL },
    }),
  },
  step: firstOfSize(DIGITS),
});

/** The first update whose sequences are of this size. */
function firstOfSize(size: number): number {
  let step = 0;
  while (drawSize(step)(LEVEL, DIGITS) < size) step += 1;
  return step;
}
