import * as tf from '@tensorflow/tfjs';
import type { Tables } from './encoding.js';
import { TEXT_WORDS } from './grammar.js';
import type { Selections } from './network.js';
import { OPERATIONS } from './operations.js';
import type { TableQaSettings } from './settings.js';

type PivotMode = TableQaSettings['model']['pivots'];

/** What the last step puts out for N = R * B questions; cell [i][j] of the lookup is rows[i] * columns[j]. */
export interface Output {
  /** [N, 1] */
  readonly scalar: tf.Tensor2D;
  /** row_select before the last step, [N, 1, M]. */
  readonly rows: tf.Tensor3D;
  /** Distribution over the columns times the probability of assign, [N, C, 1]. */
  readonly columns: tf.Tensor3D;
}

/**
 * Applies all operations softly, step by step [NP section 2.3]. At a tie, `and` passes the gradient to the older, `or` to the
 * newer of the two row selections. Padded rows are never selected: they are 0 in everything that selects rows.
 */
export function runMachine(selections: Selections, tables: Tables, pivotMode: PivotMode): Output {
  const [R, B, valueRows, M] = tables.values.shape;
  const N = R * B;
  const C = selections.columns[0]!.shape[2];
  const numericColumns = valueRows - 1;
  const values = tf.reshape(tables.values, [N, valueRows, M]) as tf.Tensor3D;
  const mask = tf.slice(values, [0, 0, 0], [-1, 1, -1]);
  const indicators = rowIndicators(selections.pivots, tables, mask, pivotMode);
  const [pivots, matches] = [selections.pivots, selections.matches].map((t) => t && examplesLast(t));
  const rows: tf.Tensor3D[] = [mask];
  const scalars: tf.Tensor[] = [];
  for (const [t, distribution] of selections.operations.entries()) {
    const operations = splitOperations(distribution);
    const columns = examplesLast(selections.columns[t]!);
    const [last, before] = [rows.at(-1)!, rows.at(-2) ?? mask];
    // All columns' sums and the count in one product.
    const aggregates = tf.transpose(tf.reshape(tf.matMul(last, values, false, true), [N, valueRows]));
    const numeric = tf.slice(columns, [C - numericColumns, 0], [-1, -1]);
    const weights = tf.concat([operations.count, tf.mul(operations.sum, numeric)], 0);
    const aggregate = tf.sum(tf.mul(aggregates, weights), 0, true);
    const difference = subtract(scalars[t - 3], scalars[t - 1]);
    scalars.push(difference ? tf.add(aggregate, tf.mul(operations.difference, difference)) : aggregate);
    if (t === selections.operations.length - 1) {
      const assigned = tf.expandDims(tf.transpose(tf.mul(operations.assign, columns)), 2) as tf.Tensor3D;
      return { scalar: tf.reshape(scalars[t]!, [N, 1]), rows: last, columns: assigned };
    }
    const chosen = indicatorWeights(operations, columns, { pivots: pivots!, matches, pivotMode });
    const single = tf.matMul(tf.expandDims(tf.transpose(chosen), 1) as tf.Tensor3D, indicators);
    rows.push(tf.add(combine(operations, last, before), single));
  }
  throw new RangeError('A model needs at least one step.');
}

/**
 * [R, B, ...] to [..., R * B]: weights of examples are taken apart and put together along the first axis, where that is a
 * copy in one piece.
 */
function examplesLast(t: tf.Tensor): tf.Tensor2D {
  const [R, B] = t.shape as [number, number];
  const flat = tf.transpose(tf.reshape(t, [R * B, -1]));
  return tf.reshape(flat, [...t.shape.slice(2), R * B] as [number, number]);
}

/** Before the first step scalars are 0, which undefined stands for. */
function subtract(a: tf.Tensor | undefined, b: tf.Tensor | undefined): tf.Tensor | undefined {
  if (a && b) return tf.sub(a, b);
  return b && tf.neg(b);
}

/** A step's probabilities of the operations, each [1, N]; those of the two comparisons together, [2, N]. */
function splitOperations(distribution: tf.Tensor3D) {
  const all = examplesLast(distribution);
  const sizes = [1, 1, 1, 2, 1, 1, 1, 1];
  const [sum, count, difference, comparisons, and, or, assign, reset, match] = tf.split(
    all,
    all.shape[0] === OPERATIONS.length ? [...sizes, 1] : sizes,
    0,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor?];
  return { sum, count, difference, comparisons, and, or, assign, reset, match };
}
type Operations = ReturnType<typeof splitOperations>;

/** a(and) min(last, before) + a(or) max(last, before), where min = before - r, max = last + r with r = relu(before - last). */
function combine({ and, or }: Operations, last: tf.Tensor3D, before: tf.Tensor3D): tf.Tensor3D {
  const perExample = (weight: tf.Tensor) => tf.reshape(weight, [-1, 1, 1]);
  const excess = tf.relu(tf.sub(before, last));
  const ends = tf.add(tf.mul(before, perExample(and)), tf.mul(last, perExample(or)));
  return tf.add(ends, tf.mul(excess, perExample(tf.sub(or, and))));
}

/**
 * Rows that single operations select, [N, K, M]: all rows (reset); for every numeric column the rows greater, then those
 * lesser than the pivot (or than each number, where pivots are learnable); for every text column those that hold each word.
 */
function rowIndicators(
  beta: tf.Tensor4D,
  { numbers, values, holds }: Tables,
  mask: tf.Tensor3D,
  pivotMode: PivotMode,
): tf.Tensor3D {
  const [R, B, valueRows, M] = values.shape;
  const N = R * B;
  const C = valueRows - 1;
  const given = tf.reshape(numbers, [R, B, 1, -1]);
  const perOperation = pivotMode === 'literal' ? 1 : given.shape[3]!;
  const pivots =
    pivotMode === 'literal'
      ? tf.sum(tf.mul(beta, given), 3)
      : tf.tile(tf.reshape(given, [N, 1, perOperation]), [1, 2, 1]);
  const numeric = tf.slice(tf.reshape(values, [N, valueRows, M]) as tf.Tensor3D, [0, 1, 0], [-1, -1, -1]);
  const above = tf.sub(tf.reshape(numeric, [N, C, 1, M]), tf.reshape(pivots, [N, 1, 2 * perOperation, 1]));
  // Greater: what is above the pivot is positive; lesser: its negative is.
  const signs = tf.reshape(tf.tensor1d([1, -1]), [1, 1, 2, 1, 1]);
  const directed = tf.mul(tf.reshape(above, [N, C, 2, perOperation, M]), signs);
  const compared = tf.reshape(tf.step(directed), [N, C * 2 * perOperation, M]) as tf.Tensor3D;
  const all = [mask, tf.mul(compared, mask) as tf.Tensor3D];
  if (holds) all.push(tf.reshape(holds, [N, holds.shape[2], M]) as tf.Tensor3D);
  return tf.concat(all, 1);
}

interface Details {
  /** [2, NUMBERS, N] */
  readonly pivots: tf.Tensor;
  /** [text columns, 10, N] */
  readonly matches: tf.Tensor | undefined;
  readonly pivotMode: PivotMode;
}

/** How much each of the `rowIndicators` counts in a step, [K, N]. @param columns [C, N]. */
function indicatorWeights(
  { comparisons, reset, match }: Operations,
  columns: tf.Tensor2D,
  { pivots, matches, pivotMode }: Details,
): tf.Tensor2D {
  const [C, N] = columns.shape;
  const K = matches?.shape[0] ?? 0;
  const numeric = tf.reshape(tf.slice(columns, [K, 0], [-1, -1]), [C - K, 1, N]);
  const byNumber = pivotMode === 'literal' ? comparisons : tf.mul(tf.reshape(comparisons, [2, 1, N]), pivots);
  const weights = [reset, tf.reshape(tf.mul(numeric, tf.reshape(byNumber, [1, -1, N])), [-1, N])];
  if (match && matches) {
    const text = tf.mul(tf.slice(columns, [0, 0], [K, -1]), match);
    weights.push(tf.reshape(tf.mul(tf.expandDims(text, 1), matches), [K * TEXT_WORDS, N]));
  }
  return tf.concat(weights as tf.Tensor2D[], 0);
}
