import * as tf from '@tensorflow/tfjs';
import { TAPS, WIDTH } from './patches.js';
import { pickAndSum } from './pick-and-sum.js';

/** Update gate, reset gate, candidate. */
export const PARTS = 3;

/** A CGRU's matrices, with C = 4 m: kernels as band matrices, biases along the width. */
export type Bands = {
  /** Update gate u, and beside it reset gate r: [R, 3 C, 2 C]. */
  readonly gates: tf.Tensor3D;
  /** [R, 1, 2 C] */
  readonly gateBias: tf.Tensor3D;
  /** [R, 3 C, C] */
  readonly candidate: tf.Tensor3D;
  /** [R, 1, C] */
  readonly candidateBias: tf.Tensor3D;
};

/**
 * A CGRU's kernels as band matrices, and its biases along the width. A band matrix takes three neighbouring positions of
 * a sequence, each with its whole width, to the middle one; it is the zero-padded convolution along the width. 6 of its
 * 16 blocks are zero.
 *
 * A matrix has rows by position, column of the image, map, as `patches` has them; columns by part, column of the image, map.
 * @param kernels [R, PARTS * 3 (width) * 3 (position) * m, m]
 * @param biases [R, PARTS m]
 */
export function bandMatrices(kernels: tf.Tensor3D, biases: tf.Tensor2D): Bands {
  const [R, , m] = kernels.shape;
  const C = WIDTH * m;
  const { sources, uses } = layoutOf(m);
  return tf.tidy(() => {
    const all = pickAndSum(
      tf.concat([tf.reshape(kernels, [R, -1]), biases], 1) as tf.Tensor2D,
      tf.tensor2d(sources, [sources.length, 1], 'int32'),
      tf.tensor2d(uses, [uses.length / WIDTH, WIDTH], 'int32'),
    );
    const [gates, gateBias, candidate, candidateBias] = tf.split(all, sizesOf(m), 1) as tf.Tensor2D[];
    return {
      gates: tf.reshape(gates!, [R, TAPS * C, 2 * C]),
      gateBias: tf.expandDims(gateBias!, 1),
      candidate: tf.reshape(candidate!, [R, TAPS * C, C]),
      candidateBias: tf.expandDims(candidateBias!, 1),
    };
  });
}

/** Sizes of the gates' matrix and bias, and of the candidate's. */
function sizesOf(maps: number): number[] {
  const C = WIDTH * maps;
  return [TAPS * C * 2 * C, 2 * C, TAPS * C * C, C];
}

interface Layout {
  /** Which number of the weights stands at each place of the output; the one behind the last is a zero. */
  readonly sources: Int32Array;
  /** The places at which each of the weights stands, at most one for each column of the image: [weights, 4]. */
  readonly uses: Int32Array;
}

const layouts = new Map<number, Layout>();

function layoutOf(maps: number): Layout {
  const known = layouts.get(maps) ?? makeLayout(maps);
  layouts.set(maps, known);
  return known;
}

function makeLayout(m: number): Layout {
  const places = sizesOf(m).reduce((sum, size) => sum + size, 0);
  const kernelCount = PARTS * TAPS * TAPS * m * m;
  const count = kernelCount + PARTS * m;
  const sources = new Int32Array(places).fill(count);
  const uses = new Int32Array(count * WIDTH).fill(places);
  const link = (place: number, source: number, column: number) => {
    sources[place] = source;
    uses[source * WIDTH + column] = place;
  };
  let place = 0;
  for (const parts of [[0, 1], [2]]) {
    const columns = parts.length * WIDTH * m;
    for (const [i, part] of parts.entries()) {
      const kernel = part * TAPS * TAPS * m * m;
      const bias = kernelCount + part * m;
      for (let out = 0; out < WIDTH; out++) {
        const right = (i * WIDTH + out) * m;
        // Column `out` of the image takes column `out + w - 1` by tap w.
        for (let w = Math.max(0, 1 - out); w < Math.min(TAPS, WIDTH + 1 - out); w++)
          for (let p = 0; p < TAPS; p++)
            for (let from = 0; from < m; from++) {
              const row = (p * WIDTH + out + w - 1) * m + from;
              for (let to = 0; to < m; to++)
                link(place + row * columns + right + to, kernel + ((w * TAPS + p) * m + from) * m + to, out);
            }
        const biases = place + TAPS * WIDTH * m * columns;
        for (let to = 0; to < m; to++) link(biases + right + to, bias + to, out);
      }
    }
    place += TAPS * WIDTH * m * columns + columns;
  }
  return { sources, uses };
}
