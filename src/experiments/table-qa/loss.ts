import * as tf from '@tensorflow/tfjs';
import type { Answers } from './encoding.js';
import type { Output } from './machine.js';

/** Probabilities under the logarithm stay this far from 0 and 1. */
const MARGIN = 1e-6;

/**
 * Mean loss of each replica's batch, [R] [NP section 2.5]: Huber for numbers, cross entropy over the cells for lookups.
 * @param delta where the Huber loss turns linear, [R].
 * @param lambda weight of lookups, [R].
 */
export function meanLoss(
  { scalar, rows, columns }: Output,
  { isScalar, scalars, signs, perCell }: Answers,
  delta: tf.Tensor1D,
  lambda: tf.Tensor1D,
): tf.Tensor1D {
  const [R, B] = isScalar.shape;
  const numbers = huber(tf.sub(tf.reshape(scalar, [R, B]), scalars), delta);
  const cells = tf.clipByValue(tf.matMul(columns, rows), MARGIN, 1 - MARGIN);
  // What is given to the truth: x where a cell is looked up, 1 - x where not; 1 in padding, which costs nothing.
  const sign = tf.reshape(signs, cells.shape);
  const likelihood = tf.add(tf.mul(sign, cells), tf.sub(1, tf.step(sign)));
  const entropy = tf.mul(tf.reshape(tf.sum(tf.neg(tf.log(likelihood)), [1, 2]), [R, B]), perCell);
  const lookups = tf.mul(entropy, tf.expandDims(lambda, 1));
  return tf.mean(tf.add(tf.mul(numbers, isScalar), tf.mul(lookups, tf.sub(1, isScalar))), 1) as tf.Tensor1D;
}

/** 0.5 a^2 for errors a up to delta, delta a - 0.5 delta^2 beyond. @param error [R, B]. @param delta [R]. */
export function huber(error: tf.Tensor, delta: tf.Tensor1D): tf.Tensor {
  const size = tf.abs(error);
  const limit = tf.tile(tf.expandDims(delta, 1), [1, size.shape[1]!]);
  const inner = tf.minimum(size, limit);
  return tf.mul(inner, tf.sub(size, tf.mul(inner, 0.5)));
}
