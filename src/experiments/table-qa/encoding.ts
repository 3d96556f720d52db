import * as tf from '@tensorflow/tfjs';
import { NO_NUMBER } from './discrete.js';
import { TEXT_WORDS, vocabulary, type Wording } from './grammar.js';
import type { Case, Example } from './questions.js';
import type { TableQaSettings } from './settings.js';
import type { Table } from './tables.js';

/** Most numbers in a question. */
export const NUMBERS = 2;

/**
 * Questions on the device; G is R, or 1 for questions that all replicas share. One-hot matrices stand for indices, so that
 * the way back is a matrix product. Questions are padded at the front: a state that starts at zero stays zero there.
 */
export interface Questions {
  /** Words, one-hot, position by position: [G, Q * B, words]; rows of zeros before a question begins. */
  readonly words: tf.Tensor3D;
  /** 1 where there is a word, [G, B, Q]. */
  readonly isWord: tf.Tensor3D;
  /** Position of the first word, one-hot, [G, B, Q]. */
  readonly starts: tf.Tensor3D;
  /** Position of the word left of each number, one-hot, [G, B, NUMBERS, Q]; zeros where there is no number. */
  readonly lefts: tf.Tensor4D;
  /** 1 where there is a number, [G, B, NUMBERS]; a question without any has one, which is `NO_NUMBER`. */
  readonly isNumber: tf.Tensor3D;
  /** 1 where the table has the column, [G, B, C]. */
  readonly isColumn: tf.Tensor3D;
  /** Share of the rows that hold each word, by text column, [G, B, text columns, 10]. */
  readonly histograms?: tf.Tensor4D;
}

/** Tables, numbers and answers of training examples on the device. */
export interface Tables {
  /** The questions' numbers, [R, B, NUMBERS]. */
  readonly numbers: tf.Tensor3D;
  /** First a row of ones, then the numeric columns; 0 in padding: [R, B, 1 + numeric columns, M]. */
  readonly values: tf.Tensor4D;
  /** 1 where a row holds a word, [R, B, text columns * 10, M]. */
  readonly holds?: tf.Tensor4D;
}

export interface Answers {
  /** 1 where the answer is a number, [R, B]. */
  readonly isScalar: tf.Tensor2D;
  /** [R, B]; 0 where the answer is a lookup. */
  readonly scalars: tf.Tensor2D;
  /** 1 in the cells that are looked up, -1 in the others, 0 in padding, [R, B, C, M]. */
  readonly signs: tf.Tensor4D;
  /** 1 / (rows * columns) of each table, [R, B]. */
  readonly perCell: tf.Tensor2D;
}

/** Sizes that all examples of an experiment share. */
export interface Sizes {
  readonly words: readonly string[];
  /** Words of the longest question. */
  readonly positions: number;
  /** Rows of the largest training table. */
  readonly rows: number;
  readonly textColumns: number;
  readonly numericColumns: number;
}

export function sizesOf(data: TableQaSettings['data']): Sizes {
  const { textColumns, numericColumns, wordVariability } = data;
  const isNamed = textColumns + numericColumns > 1;
  // Two conditions, `and`, and an aggregate: phrases of one or two words, and column names.
  const positions = 3 * ((wordVariability ? 2 : 1) + Number(isNamed)) + 1;
  return { words: vocabulary(data), positions, rows: data.rows.most, textColumns, numericColumns };
}

/**
 * Questions for the model.
 * @param wordings G lists of B questions.
 * @param tables likewise, to see which columns there are and what words they hold.
 */
export function encodeQuestions(
  wordings: readonly (readonly Wording[])[],
  tables: readonly (readonly Table[])[],
  sizes: Sizes,
): Questions {
  const { positions: Q, textColumns: K } = sizes;
  const [G, B, V] = [wordings.length, wordings[0]!.length, sizes.words.length];
  const ids = new Map(sizes.words.map((word, id) => [word, id]));
  // One-hot on the host: all of it takes less time than one op of TensorFlow.js.
  const words = new Float32Array(G * Q * B * V);
  const isWord = new Float32Array(G * B * Q);
  const starts = new Float32Array(G * B * Q);
  const lefts = new Float32Array(G * B * NUMBERS * Q);
  const isNumber = new Float32Array(G * B * NUMBERS);
  for (let g = 0; g < G; g++)
    for (let b = 0; b < B; b++) {
      const { words: own, numbers } = wordings[g]![b]!;
      const example = g * B + b;
      const start = Q - own.length;
      starts[example * Q + start] = 1;
      for (let i = 0; i < own.length; i++) {
        words[((g * Q + start + i) * B + b) * V + ids.get(own[i]!)!] = 1;
        isWord[example * Q + start + i] = 1;
      }
      for (let n = 0; n < numbers.length; n++)
        lefts[(example * NUMBERS + n) * Q + start + numbers[n]!.left] = 1;
      isNumber.fill(1, example * NUMBERS, example * NUMBERS + Math.max(1, numbers.length));
    }
  return {
    words: tf.tensor3d(words, [G, Q * B, V]),
    isWord: tf.tensor3d(isWord, [G, B, Q]),
    starts: tf.tensor3d(starts, [G, B, Q]),
    lefts: tf.tensor4d(lefts, [G, B, NUMBERS, Q]),
    isNumber: tf.tensor3d(isNumber, [G, B, NUMBERS]),
    isColumn: tf.tensor3d(columnMask(tables.flat(), sizes), [G, B, columnCount(sizes)]),
    ...(K > 0 && {
      histograms: tf.tensor4d(wordShares(tables.flat(), sizes), [G, B, K, TEXT_WORDS]),
    }),
  };
}

/** Tables and answers for training. @param examples R lists of B. */
export function encodeCases(examples: readonly (readonly Case[])[], sizes: Sizes): Tables & Answers {
  const { rows: M, textColumns: K, numericColumns } = sizes;
  const [R, B] = [examples.length, examples[0]!.length];
  const C = columnCount(sizes);
  const cases = examples.flat();
  const numbers = new Float32Array(cases.length * NUMBERS);
  const values = new Float32Array(cases.length * (1 + numericColumns) * M);
  const held = new Int32Array(cases.length * K * M).fill(-1);
  const isScalar = new Float32Array(cases.length);
  const scalars = new Float32Array(cases.length);
  const signs = new Float32Array(cases.length * C * M);
  const perCell = new Float32Array(cases.length);
  for (const [i, { numbers: own, table, answer }] of cases.entries()) {
    numbers.set(own.length > 0 ? own : [NO_NUMBER], i * NUMBERS);
    const first = i * (1 + numericColumns) * M;
    values.fill(1, first, first + table.rows);
    for (const [place, column] of table.numeric) values.set(column, first + (1 + place - K) * M);
    for (const [place, column] of table.text) held.set(column, (i * K + place) * M);
    const places = [...table.text.keys(), ...table.numeric.keys()];
    perCell[i] = 1 / (table.rows * places.length);
    for (const place of places) signs.fill(-1, (i * C + place) * M, (i * C + place) * M + table.rows);
    if (answer.kind === 'scalar') {
      isScalar[i] = 1;
      scalars[i] = answer.value;
    } else {
      const target = (i * C + answer.column) * M;
      for (const [row, chosen] of answer.rows.entries()) if (chosen) signs[target + row] = 1;
    }
  }
  return tf.tidy(() => ({
    numbers: tf.tensor3d(numbers, [R, B, NUMBERS]),
    values: tf.tensor4d(values, [R, B, 1 + numericColumns, M]),
    ...(K > 0 && { holds: wordIndicators(held, [R, B, K, M]) }),
    isScalar: tf.tensor2d(isScalar, [R, B]),
    scalars: tf.tensor2d(scalars, [R, B]),
    signs: tf.tensor4d(signs, [R, B, C, M]),
    perCell: tf.tensor2d(perCell, [R, B]),
  }));
}

export function encodeExamples(
  examples: readonly (readonly Example[])[],
  sizes: Sizes,
): Questions & Tables & Answers {
  const wordings = examples.map((group) => group.map(({ wording }) => wording));
  const tables = examples.map((group) => group.map(({ table }) => table));
  return { ...encodeQuestions(wordings, tables, sizes), ...encodeCases(examples, sizes) };
}

export function columnCount({ textColumns, numericColumns }: Sizes): number {
  return textColumns + numericColumns;
}

/** A row of zeros stands for -1. */
function oneHot(indices: Int32Array, depth: number): tf.Tensor2D {
  return tf.cast(tf.oneHot(tf.tensor1d(indices, 'int32'), depth), 'float32') as tf.Tensor2D;
}

/** [R, B, K * 10, M] of word numbers [R, B, K, M]. */
function wordIndicators(held: Int32Array, [R, B, K, M]: [number, number, number, number]): tf.Tensor4D {
  const rows = tf.reshape(oneHot(held, TEXT_WORDS), [R * B * K, M, TEXT_WORDS]);
  return tf.reshape(tf.transpose(rows, [0, 2, 1]), [R, B, K * TEXT_WORDS, M]) as tf.Tensor4D;
}

function columnMask(tables: readonly Table[], sizes: Sizes): Float32Array {
  const C = columnCount(sizes);
  const mask = new Float32Array(tables.length * C);
  for (const [i, { text, numeric }] of tables.entries())
    for (const columns of [text, numeric]) for (const place of columns.keys()) mask[i * C + place] = 1;
  return mask;
}

function wordShares(tables: readonly Table[], { textColumns }: Sizes): Float32Array {
  const shares = new Float32Array(tables.length * textColumns * TEXT_WORDS);
  for (const [i, { rows, text }] of tables.entries())
    for (const [place, column] of text)
      for (const word of column) shares[(i * textColumns + place) * TEXT_WORDS + word]! += 1 / rows;
  return shares;
}
