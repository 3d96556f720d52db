import * as tf from '@tensorflow/tfjs';

/**
 * `x` itself; on the way back, every entry of its gradient is clipped to [lower, upper].
 * @param lower and upper broadcast against x, e.g. [N, 1, 1]; not differentiated.
 */
export function clipGradient<T extends tf.Tensor>(x: T, lower: tf.Tensor, upper: tf.Tensor): T {
  return tf.customGrad((input) => ({
    value: tf.clone(input as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => tf.minimum(tf.maximum(dy, lower), upper),
  }))(x) as T;
}

/** `x` divided by its sums along the last axis, which are 1 but for rounding; the way back is the identity. */
export function renormalise<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((input) => ({
    value: tf.div(input as tf.Tensor, tf.sum(input as tf.Tensor, -1, true)),
    gradFunc: (dy: tf.Tensor) => tf.clone(dy),
  }))(x) as T;
}

/** log(max(x, epsilon)); its gradient is 1 / x above epsilon, 0 below. */
export function safeLog<T extends tf.Tensor>(x: T, epsilon: number): T {
  return tf.log(tf.maximum(x, epsilon));
}
