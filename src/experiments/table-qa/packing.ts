import * as tf from '@tensorflow/tfjs';
import { NO_NUMBER } from './discrete.js';
import { NUMBERS, type Sizes } from './encoding.js';
import type { Example } from './questions.js';

/**
 * Where the fields of an example stand, for kernels that take it in one piece (src/kernels/assembly/neural-programmer/example.ts
 * has the same list). Then come the ids of the words, position by position, -1 before the question begins; the numeric columns, 1
 * for the rows that are looked up, and the words of the text columns, -1 for none; each column filled up to the rows of the
 * largest table.
 */
const FIELD = {
  rows: 0,
  numericColumns: 1,
  textColumns: 2,
  isScalar: 3,
  scalar: 4,
  lookupColumn: 5,
  numbers: 6,
  numberCount: 8,
  lefts: 9,
  start: 11,
  words: 12,
} as const;

/** Numbers that an example takes. */
export function exampleFloats({ positions, rows, numericColumns, textColumns }: Sizes): number {
  return FIELD.words + positions + (numericColumns + 1 + textColumns) * rows;
}

/** Writes examples in one piece, one after the other. */
export class Packing {
  readonly #ids: ReadonlyMap<string, number>;

  constructor(private readonly sizes: Sizes) {
    this.#ids = new Map(sizes.words.map((word, id) => [word, id]));
  }

  /**
   * R lists of B examples, [R, B, `exampleFloats`].
   * @param exampleOf gives example b of list r, which can be gone when the next one is asked for.
   */
  pack(R: number, B: number, exampleOf: (r: number, b: number) => Example): tf.Tensor3D {
    const stride = exampleFloats(this.sizes);
    const packed = new Float32Array(R * B * stride);
    let at = 0;
    for (let r = 0; r < R; r++) {
      for (let b = 0; b < B; b++) {
        this.#write(exampleOf(r, b), packed, at);
        at += stride;
      }
    }
    return tf.tensor3d(packed, [R, B, stride]);
  }

  #write({ wording, table, numbers, answer }: Example, to: Float32Array, at: number): void {
    const { positions, rows: most, numericColumns, textColumns } = this.sizes;
    const start = positions - wording.words.length;
    to[at + FIELD.rows] = table.rows;
    to[at + FIELD.numericColumns] = table.numeric.size;
    to[at + FIELD.textColumns] = table.text.size;
    to[at + FIELD.start] = start;
    to[at + FIELD.numbers] = NO_NUMBER;
    to[at + FIELD.numberCount] = numbers.length;
    for (let n = 0; n < NUMBERS; n++) {
      const number = wording.numbers[n];
      if (number) to[at + FIELD.numbers + n] = numbers[n]!;
      to[at + FIELD.lefts + n] = number ? start + number.left : -1;
    }
    const words = at + FIELD.words;
    to.fill(-1, words, words + start);
    for (let i = 0; i < wording.words.length; i++) to[words + start + i] = this.#ids.get(wording.words[i]!)!;
    const columns = words + positions;
    for (const [place, column] of table.numeric)
      copy(to, columns + (place - textColumns) * most, column, table.rows);
    const chosen = columns + numericColumns * most;
    const held = chosen + most;
    to.fill(-1, held, held + textColumns * most);
    for (const [place, column] of table.text) copy(to, held + place * most, column, table.rows);
    to[at + FIELD.lookupColumn] = -1;
    if (answer.kind === 'scalar') {
      to[at + FIELD.isScalar] = 1;
      to[at + FIELD.scalar] = answer.value;
    } else {
      to[at + FIELD.lookupColumn] = answer.column;
      copy(to, chosen, answer.rows, table.rows);
    }
  }
}

/** Copies the first numbers of an array of another type: TypedArray's own way takes longer for so few. */
function copy(to: Float32Array, at: number, from: Float64Array | Uint8Array, count: number): void {
  for (let i = 0; i < count; i++) to[at + i] = from[i]!;
}
