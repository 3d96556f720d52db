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
 * Kernels of CGRUs as band matrices, and their biases along the width; all CGRUs at once, for the work is little and the calls
 * are many. A band matrix takes three neighbouring positions of a sequence, each with its whole width, to the middle one; it is
 * the zero-padded convolution along the width. 6 of its 16 blocks are zero.
 *
 * A matrix has rows by position, column of the image, map, as `patches` has them; columns by part, column of the image, map.
 * @param kernels of each CGRU, [R, PARTS * 3 (width) * 3 (position) * m, m]
 * @param biases of each, [R, PARTS m]
 */
export function bandMatrices(kernels: readonly tf.Tensor3D[], biases: readonly tf.Tensor2D[]): Bands[] {
  const [R, , m] = kernels[0]!.shape;
  const C = WIDTH * m;
  const rows = kernels.length * R;
  const { sources, uses } = layoutOf(m);
  return tf.tidy(() => {
    const weights = [tf.reshape(tf.concat([...kernels], 0), [rows, -1]), tf.concat([...biases], 0)];
    const all = pickAndSum(
      tf.concat(weights, 1) as tf.Tensor2D,
      tf.tensor2d(sources, [sources.length, 1], 'int32'),
      tf.tensor2d(uses, [uses.length / WIDTH, WIDTH], 'int32'),
    );
    const shapes: readonly [number, number][] = [
      [TAPS * C, 2 * C],
      [1, 2 * C],
      [TAPS * C, C],
      [1, C],
    ];
    const parts = tf.split(all, sizesOf(m), 1).map((part, i) => {
      const shaped: tf.Tensor3D = tf.reshape(part, [rows, ...shapes[i]!]);
      // TensorFlow.js cannot differentiate a split into one part.
      return kernels.length === 1 ? [shaped] : tf.split(shaped, kernels.length, 0);
    });
    const [gates, gateBias, candidate, candidateBias] = parts as [Parts, Parts, Parts, Parts];
    return kernels.map((_, i) => ({
      gates: gates[i]!,
      gateBias: gateBias[i]!,
      candidate: candidate[i]!,
      candidateBias: candidateBias[i]!,
    }));
  });
}

type Parts = tf.Tensor3D[];

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
