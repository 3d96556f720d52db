import * as tf from '@tensorflow/tfjs';
import type { Digits } from '../experiments/mnist20/data.js';
import { mnist20 } from '../experiments/mnist20/experiment.js';
import { CLASSES, PIXELS } from '../experiments/mnist20/network.js';
import { dataSchema, mnistTrainSchema, modelSchema } from '../experiments/mnist20/settings.js';
import { statelessUniform } from '../ops/stateless-random.js';
import { network } from './network.js';

const EXAMPLES = 60_000;

/**
 * The paper's network of 20 hidden layers of 50 units, batches of 100, global clipping, noise and plain descent; on random
 * images, as many as MNIST has. Starting weights after He: with smaller ones, signals get too small for fast arithmetic.
 */
export const mnist20Network = network({
  experiment: mnist20,
  settings: {
    data: dataSchema.parse({ source: 'synthetic-digits' }),
    model: modelSchema.parse({ init: 'he' }),
    train: mnistTrainSchema.parse({
      batchSize: 100,
      rate: 0.1,
      clip: { at: 10 },
      noise: { eta: 0.01 },
      epochs: 1,
    }),
  },
  open: async () => randomDigits(),
});

/** Nothing is tested here, so that a single test image will do. */
function randomDigits(): Digits {
  const [train, test] = [EXAMPLES, 1].map((count, tensor) =>
    tf.tidy(() => {
      const seed = tf.tensor2d([[tensor, 0]], [1, 2], 'int32');
      const uniform = statelessUniform(seed, count * (PIXELS + 1));
      const [pixels, classes] = tf.split(uniform, [count * PIXELS, count], 1) as [tf.Tensor, tf.Tensor];
      return {
        count,
        images: tf.reshape(pixels, [count, PIXELS]) as tf.Tensor2D,
        labels: tf.cast(tf.mul(tf.reshape(classes, [count]), CLASSES), 'int32') as tf.Tensor1D,
      };
    }),
  );
  return {
    train: train!,
    test: test!,
    dispose: () => tf.dispose([train!.images, train!.labels, test!.images, test!.labels]),
  };
}
