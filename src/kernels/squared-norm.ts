import * as tf from '@tensorflow/tfjs';
import { SQUARED_NORM } from './kernel-names.js';

/** Sum of the squares of each replica's entries: [R, ...] to [R]. Not differentiable on backends with a kernel for it. */
export function squaredNorm(x: tf.Tensor): tf.Tensor1D {
  return tf.getKernel(SQUARED_NORM, tf.getBackend())
    ? tf.engine().runKernel<tf.Tensor1D>(SQUARED_NORM, { x })
    : tf.tidy(() => tf.sum(tf.square(tf.reshape(x, [x.shape[0]!, -1])), 1) as tf.Tensor1D);
}
