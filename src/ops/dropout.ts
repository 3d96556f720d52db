import * as tf from '@tensorflow/tfjs';
import { shapeCheck } from './shapes.js';
import { statelessUniform } from './stateless-random.js';

const check = shapeCheck('dropout', { x: 'R ...', seeds: 'int32 R 2', rate: 'R' });

/**
 * Inverted dropout: each entry becomes 0 with its replica's probability, and the rest is scaled to keep the mean.
 * @param x [R, ...]
 * @param seeds stream of this step and layer, int32 [R, 2]
 * @param rate probability of dropping, [R], in [0, 1)
 * @throws RangeError when the shapes do not fit.
 */
export function dropout<T extends tf.Tensor>(x: T, seeds: tf.Tensor2D, rate: tf.Tensor1D): T {
  check({ x, seeds, rate });
  const replicas = x.shape[0]!;
  const mask = tf.tidy(() => {
    const uniform = statelessUniform(seeds, x.size / replicas);
    const rates = tf.expandDims(rate, 1);
    // uniform >= rate, by what is exact in floating point and far faster on the wasm backend than its comparisons.
    const kept = tf.sub(1, tf.step(tf.sub(rates, uniform)));
    return tf.reshape(tf.div(kept, tf.sub(1, rates)), x.shape);
  });
  return tf.mul(x, mask) as T;
}
