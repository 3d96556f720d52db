import * as tf from '@tensorflow/tfjs';
import type { Tables } from './encoding.js';
import { TEXT_WORDS } from './grammar.js';
import type { Selections } from './network.js';
import { OPERATIONS } from './operations.js';
import type { TableQaSettings } from './settings.js';

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
 * Applies all operations softly, step by step [NP section 2.3]. At a tie, `and` and `or` pass the gradient to the newer of
 * their two row selections. Padded rows are never selected: they are 0 in everything that selects rows.
 */
export function runMachine(
  selections: Selections,
  tables: Tables,
  pivotMode: TableQaSettings['model']['pivots'],
): Output {
  const [R, B, valueRows, M] = tables.values.shape;
  const N = R * B;
  const numericColumns = valueRows - 1;
  const C = selections.columns[0]!.shape[2];
  const values = tf.reshape(tables.values, [N, valueRows, M]) as tf.Tensor3D;
  const mask = tf.slice(values, [0, 0, 0], [-1, 1, -1]);
  const indicators = rowIndicators(selections.pivots, tables, mask, pivotMode);
  const rows: tf.Tensor3D[] = [mask];
  const scalars: (tf.Tensor2D | null)[] = [];
  const steps = selections.operations.length;
  for (let t = 0; t < steps; t++) {
    const operations = splitOperations(selections.operations[t]!);
    const columns = tf.reshape(selections.columns[t]!, [N, C]) as tf.Tensor2D;
    const numeric = tf.slice(columns, [0, C - numericColumns], [-1, -1]);
    const [last, before] = [rows.at(-1)!, rows.at(-2) ?? mask];
    // All columns' sums and the count in one product.
    const aggregates = tf.reshape(tf.matMul(last, values, false, true), [N, valueRows]);
    const weights = tf.concat([operations.count, tf.mul(operations.sum, numeric)], 1);
    const aggregate = tf.sum(tf.mul(aggregates, weights), 1, true);
    const difference = subtract(scalars[t - 3], scalars[t - 1]);
    const scalar = difference ? tf.add(aggregate, tf.mul(operations.difference, difference)) : aggregate;
    scalars.push(scalar as tf.Tensor2D);
    if (t === steps - 1) {
      const assigned = tf.reshape(tf.mul(operations.assign, columns), [N, C, 1]) as tf.Tensor3D;
      return { scalar: scalars[t]!, rows: last, columns: assigned };
    }
    const selected = indicatorWeights(operations, columns, selections, pivotMode);
    const logic = tf.add(
      tf.mul(tf.minimum(last, before), tf.expandDims(operations.and, 2)),
      tf.mul(tf.maximum(last, before), tf.expandDims(operations.or, 2)),
    );
    rows.push(tf.add(logic, tf.matMul(tf.expandDims(selected, 1) as tf.Tensor3D, indicators)));
  }
  throw new RangeError('A model needs at least one step.');
}

/** Before the first step scalars are 0, which null stands for. */
function subtract(a: tf.Tensor | null | undefined, b: tf.Tensor | null | undefined): tf.Tensor | null {
  if (a && b) return tf.sub(a, b);
  return b ? tf.neg(b) : null;
}

/** A step's probabilities of the operations, each [N, 1]; those of the two comparisons together, [N, 2]. */
function splitOperations(distribution: tf.Tensor3D) {
  const [R, B, O] = distribution.shape;
  const flat = tf.reshape(distribution, [R * B, O]);
  const sizes = [1, 1, 1, 2, 1, 1, 1, 1];
  const [sum, count, difference, comparisons, and, or, assign, reset, match] = tf.split(
    flat,
    O === OPERATIONS.length ? [...sizes, 1] : sizes,
    1,
  ) as tf.Tensor2D[];
  return {
    sum: sum!,
    count: count!,
    difference: difference!,
    comparisons: comparisons!,
    and: and!,
    or: or!,
    assign: assign!,
    reset: reset!,
    match,
  };
}

/**
 * Rows that single operations select, [N, K, M]: all rows (reset); for every numeric column the rows greater, then those
 * lesser than the pivot (or than each number, where pivots are learnable); for every text column those that hold each word.
 */
function rowIndicators(
  beta: tf.Tensor4D,
  { numbers, values, holds }: Tables,
  mask: tf.Tensor3D,
  pivotMode: TableQaSettings['model']['pivots'],
): tf.Tensor3D {
  const [R, B, valueRows, M] = values.shape;
  const N = R * B;
  const given = tf.reshape(numbers, [R, B, 1, -1]);
  const count = given.shape[3]!;
  const pivots =
    pivotMode === 'literal'
      ? tf.reshape(tf.sum(tf.mul(beta, given), 3), [N, 1, 2, 1])
      : tf.tile(tf.reshape(given, [N, 1, 1, count]), [1, 1, 2, 1]);
  const numeric = tf.slice(tf.reshape(values, [N, valueRows, M]) as tf.Tensor3D, [0, 1, 0], [-1, -1, -1]);
  const perColumn = pivots.size / N;
  const above = tf.sub(
    tf.reshape(numeric, [N, valueRows - 1, 1, M]),
    tf.reshape(pivots, [N, 1, perColumn, 1]),
  );
  // Greater: the number is above; lesser: its negative is.
  const signs = tf.tensor1d([1, -1]);
  const directed = tf.mul(
    tf.reshape(above, [N, valueRows - 1, 2, perColumn / 2, M]),
    tf.reshape(signs, [1, 1, 2, 1, 1]),
  );
  const compared = tf.reshape(tf.step(directed), [N, (valueRows - 1) * perColumn, M]) as tf.Tensor3D;
  const all = [mask, tf.mul(compared, mask) as tf.Tensor3D];
  if (holds) all.push(tf.reshape(holds, [N, holds.shape[2], M]) as tf.Tensor3D);
  return tf.concat(all, 1);
}

/** How much each of the `rowIndicators` counts in a step, [N, K]. */
function indicatorWeights(
  { comparisons, reset, match }: ReturnType<typeof splitOperations>,
  columns: tf.Tensor2D,
  { pivots, matches }: Selections,
  pivotMode: TableQaSettings['model']['pivots'],
): tf.Tensor2D {
  const [N, C] = columns.shape;
  const K = matches?.shape[2] ?? 0;
  const numeric = tf.reshape(tf.slice(columns, [0, K], [-1, -1]), [N, C - K, 1]);
  const byNumber =
    pivotMode === 'literal'
      ? comparisons
      : tf.mul(tf.expandDims(comparisons, 2), tf.reshape(pivots, [N, 2, -1]));
  const weights = [reset, tf.reshape(tf.mul(numeric, tf.reshape(byNumber, [N, 1, -1])), [N, -1])];
  if (match && matches) {
    const text = tf.mul(tf.slice(columns, [0, 0], [-1, K]), match);
    const scores = tf.reshape(matches, [N, K, TEXT_WORDS]);
    weights.push(tf.reshape(tf.mul(tf.expandDims(text, 2), scores), [N, K * TEXT_WORDS]));
  }
  return tf.concat(weights as tf.Tensor2D[], 1);
}
