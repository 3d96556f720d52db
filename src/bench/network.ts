import * as tf from '@tensorflow/tfjs';
import { forward, PIXELS, parametersOf, widthsOf } from '../experiments/mnist20/network.js';
import { softmaxCrossEntropy } from '../layers/softmax-cross-entropy.js';
import { addNoise } from '../method/noise.js';
import { annealed } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { chain } from '../method/transformation.js';
import { statelessNormal, statelessUniform } from '../random/ops.js';
import { streamSeeds } from '../random/streams.js';
import { advance, type LockstepState, tensorsOf, zeroSums } from '../trainer/step.js';
import { durationsOf } from './clock.js';

/** A population in training; `step` advances every replica by one update. */
export interface Stepper {
  step(): void;
  /** Waits until the device has done all steps. */
  finish(): Promise<void>;
  dispose(): void;
}

const BATCH = 100;
const WIDTHS = widthsOf({ layers: 20, units: 50 });

/** The paper's network of 20 hidden layers of 50 units on 784 inputs, batches of 100, noise and plain descent. */
export function deepNetwork(replicas: number): Stepper {
  const seeds = streamSeeds(
    Array.from({ length: replicas }, (_, seed) => seed),
    'task',
  );
  const data = tf.tidy(() => ({
    images: tf.reshape(statelessUniform(seeds, BATCH * PIXELS), [replicas, BATCH, PIXELS]),
    labels: tf.cast(tf.mul(statelessUniform(seeds, BATCH), 10), 'int32'),
  }));
  const parameters = parametersOf(WIDTHS).map(({ shape }) =>
    tf.tidy(() =>
      tf.reshape(tf.mul(statelessNormal(seeds, tf.util.sizeFromShape([...shape])), 0.1), [
        replicas,
        ...shape,
      ]),
    ),
  );
  const program = {
    parameters: parametersOf(WIDTHS),
    initialise: () => parameters,
    batch: () => ({ images: data.images.clone(), labels: data.labels.clone() }),
    loss: (weights: readonly tf.Tensor[]) => ({
      loss: tf.mean(
        softmaxCrossEntropy(forward(weights, data.images as tf.Tensor3D), data.labels as tf.Tensor2D),
        1,
      ) as tf.Tensor1D,
    }),
    evaluate: async () => [],
    dispose: () => tf.dispose(data),
  };
  const everySeed = Array.from({ length: replicas }, (_, seed) => seed);
  const optimiser = chain(addNoise(annealed({ eta: 0.01 }), { seed: everySeed }), sgd(0.01));
  let state: LockstepState = {
    parameters,
    optimiser: optimiser.init(parameters),
    sums: zeroSums(program, replicas),
    step: tf.scalar(0, 'int32'),
  };
  return {
    step: () => {
      state = advance(program, optimiser, state, program.batch());
    },
    finish: async () => {
      await state.sums[0]!.data();
    },
    dispose: () => tf.dispose([seeds, data, tensorsOf(state)]),
  };
}

/** Replica-steps between two looks at the clock. */
const WORK = 40;

/** Replica-steps per second (replicas times steps) of a population, from the median of runs for about `seconds`. */
export async function replicaStepsPerSecond(
  replicas: number,
  seconds: number,
  network: (replicas: number) => Stepper = deepNetwork,
): Promise<number> {
  const stepper = network(replicas);
  const steps = Math.ceil(WORK / replicas);
  const durations = await durationsOf(seconds, async () => {
    for (let i = 0; i < steps; i++) stepper.step();
    await stepper.finish();
  });
  stepper.dispose();
  return (replicas * steps) / durations[Math.floor(durations.length / 2)]!;
}
