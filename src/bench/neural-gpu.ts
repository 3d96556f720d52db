import * as tf from '@tensorflow/tfjs';
import { drawSize } from '../experiments/neural-gpu/curriculum.js';
import { drawTestSets } from '../experiments/neural-gpu/examples.js';
import { neuralGpuProgram } from '../experiments/neural-gpu/program.js';
import { dataSchema, modelSchema, neuralGpuTrainSchema } from '../experiments/neural-gpu/settings.js';
import { optimiserOf } from '../trainer/optimiser.js';
import { advance, type LockstepState, tensorsOf, zeroSums } from '../trainer/step.js';
import type { Stepper } from './network.js';

/** Digits of each operand in every sequence: 11 positions, so 22 CGRUs deep. */
const DIGITS = 5;

/** The paper's network on binary multiplication, 24 maps and 6 relaxed sets, batches of 32, dropout, noise, Adam. */
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

/** A population of Neural GPUs; every step trains on sequences of one length. */
export function neuralGpuNetwork(replicas: number): Stepper {
  const members = Array.from({ length: replicas }, (_, seed) => ({ seed, settings }));
  const program = neuralGpuProgram(members, drawTestSets(settings.data));
  const optimiser = optimiserOf(members.map(({ seed }) => ({ seed, train: settings.train })));
  const parameters = program.initialise();
  let longest = 0;
  while (drawSize(longest)(DIGITS - 1, DIGITS) < DIGITS) longest += 1;
  const batch = program.batch(longest);
  let state: LockstepState = {
    parameters,
    optimiser: optimiser.init(parameters),
    sums: zeroSums(program, replicas),
    step: tf.scalar(0, 'int32'),
  };
  return {
    step() {
      const copy = Object.fromEntries(
        Object.entries(batch).map(([name, tensor]) => [name, tf.clone(tensor)]),
      );
      state = advance(program, optimiser, state, copy);
    },
    finish: async () => {
      await state.sums[0]!.data();
    },
    dispose() {
      program.dispose();
      tf.dispose([...Object.values(batch), ...tensorsOf(state)]);
    },
  };
}
