import * as tf from '@tensorflow/tfjs';

/** Columns of the mental image. [NGPU section 2] */
export const WIDTH = 4;
/** Places of a kernel along either axis. */
export const TAPS = 3;

/**
 * 3 x 3 kernels as matrices that take the three neighbouring positions of a sequence, each with its whole width, to the
 * middle one. A product with such a matrix is the zero-padded convolution along the width; 6 of its 16 blocks are zero.
 * @param kernels [N, 3 (width), 3 (position), m, outputs]
 * @returns [N, 3 * 4 m, 4 * outputs]; rows by position, column of the image, map; columns by column of the image, output.
 */
export function bandMatrices(kernels: tf.Tensor): tf.Tensor3D {
  const [N, , , m, outputs] = kernels.shape as [number, number, number, number, number];
  return tf.tidy(() => {
    const flat = tf.reshape(kernels, [N, TAPS, TAPS * m * outputs]);
    // Output column o takes input column i by tap i - o + 1; taps beyond the kernel are zero.
    const widened = tf.pad(flat, [
      [0, 0],
      [WIDTH - 2, WIDTH - 2],
      [0, 0],
    ]);
    const blocks = Array.from({ length: WIDTH }, (_, o) =>
      tf.reshape(tf.slice(widened, [0, WIDTH - 1 - o, 0], [N, WIDTH, -1]), [N, WIDTH, TAPS, m, outputs]),
    );
    const band = tf.transpose(tf.concat(blocks, 4), [0, 2, 1, 3, 4]);
    return tf.reshape(band, [N, TAPS * WIDTH * m, WIDTH * outputs]);
  });
}

/**
 * Every position of the sequences beside its neighbours, zeros beyond the ends.
 * @param x [R, n, B, C]
 * @returns [R, n * B, 3 C]
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
    const shifted = [0, 1, 2].map((from) => tf.slice(padded, [0, from, 0, 0], [R, n, B, C]));
    return tf.reshape(tf.concat(shifted, 3), [R, n * B, TAPS * C]);
  });
}

/** The transpose of `patches` as a linear map: [R, n * B, 3 C] to the given shape [R, n, B, C]. */
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
