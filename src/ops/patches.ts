import * as tf from '@tensorflow/tfjs';

/** Columns of the mental image. [NGPU section 2] */
export const WIDTH = 4;
/** Places of a kernel along either axis. */
export const TAPS = 3;

/**
 * Every position of the sequences beside its neighbours; zeros beyond the ends.
 * @param x [R, n, B, 4 m]
 * @returns [R, n * B, 12 m], by position, column of the image, map
 */
export function patches(x: tf.Tensor4D): tf.Tensor3D {
  const [R, n, B, C] = x.shape;
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
    const shifted = Array.from({ length: TAPS }, (_, from) =>
      tf.slice(padded, [0, from, 0, 0], [R, n, B, C]),
    );
    return tf.reshape(tf.concat(shifted, 3), [R, n * B, TAPS * C]);
  });
}

/** The transpose of `patches` as a linear map: [R, n * B, 12 m] to the given shape [R, n, B, 4 m]. */
export function patchesTransposed(dy: tf.Tensor3D, shape: readonly number[]): tf.Tensor4D {
  const [R, n, B, C] = shape as [number, number, number, number];
  return tf.tidy(() => {
    const parts = tf.split(tf.reshape(dy, [R, n, B, TAPS * C]), TAPS, 3);
    const spread = parts.map((part, tap) =>
      tf.pad(part, [
        [0, 0],
        [tap, TAPS - 1 - tap],
        [0, 0],
        [0, 0],
      ]),
    );
    return tf.slice(tf.addN(spread), [0, 1, 0, 0], [R, n, B, C]) as tf.Tensor4D;
  });
}
