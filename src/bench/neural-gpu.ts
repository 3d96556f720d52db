import { drawSize } from '../experiments/neural-gpu/curriculum.js';
import { drawTestSets } from '../experiments/neural-gpu/examples.js';
import { neuralGpuProgram } from '../experiments/neural-gpu/program.js';
import { dataSchema, modelSchema, neuralGpuTrainSchema } from '../experiments/neural-gpu/settings.js';
import { optimiserOf } from '../optimiser/chain.js';
import { type Stepper, sameBatch } from './stepper.js';

/** Digits of each operand in every sequence: 11 positions, so 22 CGRUs deep. */
const DIGITS = 5;

const settings = {
  data: dataSchema.parse({
    task: 'multiplication',
    maximum: DIGITS,
    testSize: DIGITS,
    testExamples: 1,
  }),
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
    // Below the largest size: the sets stay relaxed.
    curriculum: { start: DIGITS - 1 },
  }),
};

/** The paper's network on binary multiplication: 24 maps, 6 relaxed sets, batches of 32, dropout, clipping, noise, Adam. */
export function neuralGpuSteps(replicas: number): Stepper {
  const members = Array.from({ length: replicas }, (_, seed) => ({ seed, settings }));
  let longest = 0;
  while (drawSize(longest)(DIGITS - 1, DIGITS) < DIGITS) longest += 1;
  return sameBatch(
    neuralGpuProgram(members, drawTestSets(settings.data)),
    optimiserOf(members.map(({ seed }) => ({ seed, train: settings.train }))),
    replicas,
    longest,
  );
}
