import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { withGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';

const check = shapeCheck('pickAndSum', {
  x: 'N size',
  indices: 'int32 count group',
  transposed: 'int32 size transposedGroup',
});

/**
 * Sums of columns of x. A linear map whose matrix holds few ones, and its transpose on the way back.
 * @param x [N, size].
 * @param indices which columns make each column of the result, int32 [count, group]; `size` stands for a zero.
 * @param transposed which columns of the result each column of x is in, int32 [size, any]; `count` where it is in no more.
 * @returns [N, count].
 * @throws RangeError when the shapes do not fit, or an index is none.
 */
export function pickAndSum(x: tf.Tensor2D, indices: tf.Tensor2D, transposed: tf.Tensor2D): tf.Tensor2D {
  check({ x, indices, transposed });
  return withGradient(
    { x },
    () => ({ value: sums(x, indices), saved: { transposed } }),
    (dy, { transposed }) => ({ x: sums(dy, transposed) }),
  );
}

function sums(x: tf.Tensor2D, indices: tf.Tensor2D): tf.Tensor2D {
  if (hasKernel('PickAndSum')) return runKernel('PickAndSum', { x, indices })[0];
  const withZero = tf.pad(x, [
    [0, 0],
    [0, 1],
  ]);
  return tf.sum(tf.gather(withZero, indices, 1), 2);
}
