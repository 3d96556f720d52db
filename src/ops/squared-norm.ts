import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { shapeCheck } from './shapes.js';

const check = shapeCheck('squaredNorm', { x: 'R ...' });

/** Sum of the squares of each replica's entries: [R, ...] to [R]. Not differentiable on backends with a kernel for it. */
export function squaredNorm(x: tf.Tensor): tf.Tensor1D {
  check({ x });
  return hasKernel('SquaredNormPerReplica')
    ? runKernel('SquaredNormPerReplica', { x })[0]
    : tf.tidy(() => tf.sum(tf.square(tf.reshape(x, [x.shape[0]!, -1])), 1));
}
