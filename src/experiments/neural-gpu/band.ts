import * as tf from '@tensorflow/tfjs';
import { TAPS, WIDTH } from '../../ops/patches.js';
import { pickAndSum } from '../../ops/pick-and-sum.js';

/** CGRUs in one step of the network. [NGPU section 2] */
export const LAYERS = 2;
/** Update gate, reset gate, candidate. */
export const PARTS = 3;

/** Numbers of one set's kernels, [layers, parts, 3 (width), 3 (position), m, m]. */
export function kernelCount(maps: number): number {
  return LAYERS * PARTS * TAPS * TAPS * maps * maps;
}

/** Numbers of one set: its kernels, then its biases, [layers, parts, m]. */
export function setSize(maps: number): number {
  return kernelCount(maps) + LAYERS * PARTS * maps;
}

/** Sizes of what `spreadOut` writes for one layer: gates' matrix and bias, candidate's matrix and bias. */
export function layerSizes(maps: number): number[] {
  const C = WIDTH * maps;
  return [TAPS * C * 2 * C, 2 * C, TAPS * C * C, C];
}

/**
 * The sets' kernels as band matrices, and their biases along the width. A band matrix takes three neighbouring positions
 * of a sequence, each with its whole width, to the middle one; it is the zero-padded convolution along the width. 6 of its
 * 16 blocks are zero.
 *
 * A matrix has rows by column of the image, position, map, as `patches` has them; columns by column of the image, part,
 * map. What is not zero thus stands in four blocks.
 * @param sets [N, setSize]
 * @returns for each layer, what `layerSizes` lists, one after the other, [N, ...]
 */
export function spreadOut(sets: tf.Tensor2D, maps: number): tf.Tensor2D {
  const { sources, uses } = layoutOf(maps);
  return tf.tidy(() =>
    pickAndSum(
      sets,
      tf.tensor2d(sources, [sources.length, 1], 'int32'),
      tf.tensor2d(uses, [uses.length / WIDTH, WIDTH], 'int32'),
    ),
  );
}

interface Layout {
  /** Which number of a set stands at each place of the output; the one behind the last is a zero. */
  readonly sources: Int32Array;
  /** The places at which each number of a set stands, at most one for each column of the image: [setSize, 4]. */
  readonly uses: Int32Array;
}

const layouts = new Map<number, Layout>();

function layoutOf(maps: number): Layout {
  const known = layouts.get(maps) ?? makeLayout(maps);
  layouts.set(maps, known);
  return known;
}

function makeLayout(m: number): Layout {
  const places = LAYERS * layerSizes(m).reduce((sum, size) => sum + size, 0);
  const sources = new Int32Array(places).fill(setSize(m));
  const uses = new Int32Array(setSize(m) * WIDTH).fill(places);
  const link = (place: number, source: number, column: number) => {
    sources[place] = source;
    uses[source * WIDTH + column] = place;
  };
  let place = 0;
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const parts of [[0, 1], [2]]) {
      const columns = parts.length * WIDTH * m;
      for (const [i, part] of parts.entries()) {
        const kernel = (layer * PARTS + part) * TAPS * TAPS * m * m;
        const bias = kernelCount(m) + (layer * PARTS + part) * m;
        for (let out = 0; out < WIDTH; out++) {
          const right = (out * parts.length + i) * m;
          // Column `out` of the image takes column `out + w - 1` by tap w.
          for (let w = Math.max(0, 1 - out); w < Math.min(TAPS, WIDTH + 1 - out); w++)
            for (let p = 0; p < TAPS; p++)
              for (let from = 0; from < m; from++) {
                const row = ((out + w - 1) * TAPS + p) * m + from;
                for (let to = 0; to < m; to++)
                  link(
                    place + row * columns + right + to,
                    kernel + ((w * TAPS + p) * m + from) * m + to,
                    out,
                  );
              }
          const biases = place + TAPS * WIDTH * m * columns;
          for (let to = 0; to < m; to++) link(biases + right + to, bias + to, out);
        }
      }
      place += TAPS * WIDTH * m * columns + columns;
    }
  }
  return { sources, uses };
}
