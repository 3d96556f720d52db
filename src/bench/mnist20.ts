import * as tf from '@tensorflow/tfjs';
import { forward, PIXELS, parametersOf, widthsOf } from '../experiments/mnist20/network.js';
import { addNoise } from '../method/noise.js';
import { annealed } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { chain } from '../method/transformation.js';
import { softmaxCrossEntropy } from '../ops/softmax-cross-entropy.js';
import { statelessNormal, statelessUniform } from '../ops/stateless-random.js';
import { streamSeeds } from '../random/streams.js';
import { type Stepper, sameBatch } from './stepper.js';

const BATCH = 100;
const WIDTHS = widthsOf({ layers: 20, units: 50 });

/** The paper's network of 20 hidden layers of 50 units on 784 inputs, batches of 100, noise and plain descent. */
export function mnist20Steps(replicas: number): Stepper {
  const everySeed = Array.from({ length: replicas }, (_, seed) => seed);
  const seeds = streamSeeds(everySeed, 'task');
  const specs = parametersOf(WIDTHS);
  const program = {
    parameters: specs,
    initialise: () =>
      specs.map(({ shape }) =>
        tf.tidy(() => {
          const normals = statelessNormal(seeds, tf.util.sizeFromShape([...shape]));
          return tf.reshape(tf.mul(normals, 0.1), [replicas, ...shape]);
        }),
      ),
    batch: () =>
      tf.tidy(() => ({
        images: tf.reshape(statelessUniform(seeds, BATCH * PIXELS), [replicas, BATCH, PIXELS]),
        labels: tf.cast(tf.mul(statelessUniform(seeds, BATCH), 10), 'int32'),
      })),
    loss: (weights: readonly tf.Tensor[], { images, labels }: { readonly [name: string]: tf.Tensor }) => {
      const costs = softmaxCrossEntropy(forward(weights, images as tf.Tensor3D), labels as tf.Tensor2D);
      return { loss: tf.mean(costs, 1) as tf.Tensor1D };
    },
    evaluate: async () => [],
    dispose: () => seeds.dispose(),
  };
  const optimiser = chain(addNoise(annealed({ eta: 0.01 }), { seed: everySeed }), sgd(0.01));
  return sameBatch(program, optimiser, replicas);
}
