// Fully connected layers one after another, relu after each but the last, and their way back: replica by replica, so that
// what one layer made is still in cache when the next one reads it. The sums are those of ./matrix-product.ts.
import { blockProduct } from './matrix-product';
import { maskAndSum } from './per-replica';

/** A layer in the table of `denseStack`, in words: addresses of [replicas, ...] arrays, and widths. */
// @ts-ignore: decorator
@inline
const enum Layer {
  Weights,
  Bias,
  /** [replicas, B, Outputs] */
  Activity,
  Inputs,
  Outputs,
  Words,
}

// @ts-ignore: decorator
@inline
function word(table: usize, layer: i32, which: Layer): u32 {
  return load<u32>(table + <usize>((layer * Layer.Words + <i32>which) * 4));
}

// @ts-ignore: decorator
@inline
function rowOf(width: u32): usize {
  return <usize>width << 2;
}

/** Of replica r in an array of `size` numbers for each. */
// @ts-ignore: decorator
@inline
function ownOf(address: u32, r: i32, size: u32): usize {
  return <usize>address + ((<usize>r * size) << 2);
}

/**
 * The activities of all layers.
 * @param x [replicas or 1, B, inputs], `xStep` bytes a replica apart.
 * @param table a row for each layer: weights [replicas, inputs, outputs], bias [replicas, outputs], its activities
 *   [replicas, B, outputs], which are written, inputs and outputs.
 * @param panel scratch for 8 floats for each input of the widest layer.
 */
export function denseStack(x: usize, table: usize, panel: usize, layers: i32, replicas: i32, B: i32, xStep: usize): void {
  for (let r = 0; r < replicas; r++) {
    let input = x + <usize>r * xStep;
    for (let l = 0; l < layers; l++) {
      const k = word(table, l, Layer.Inputs);
      const n = word(table, l, Layer.Outputs);
      const out = ownOf(word(table, l, Layer.Activity), r, <u32>B * n);
      const w = ownOf(word(table, l, Layer.Weights), r, k * n);
      const b = ownOf(word(table, l, Layer.Bias), r, n);
      const row = <usize>n << 2;
      blockProduct(out, row, input, w, b, panel, B, k, n, <usize>k << 2, 4, row, 4, l < layers - 1);
      input = out;
    }
  }
}

/** A layer in the table of `denseStackGradient`, in words. */
// @ts-ignore: decorator
@inline
const enum Back {
  WeightGradient,
  BiasGradient,
  Weights,
  /** [replicas, B, Outputs]; of the last layer it is not read. */
  Activity,
  Inputs,
  Outputs,
  Words,
}

// @ts-ignore: decorator
@inline
function backWord(table: usize, layer: i32, which: Back): u32 {
  return load<u32>(table + <usize>((layer * Back.Words + <i32>which) * 4));
}

/**
 * Gradients of all weights and biases, and of the input unless `dx` is 0.
 * @param dx [replicas, B, inputs of the first layer].
 * @param dy gradient of the last layer's activities, [replicas, B, outputs].
 * @param x as in `denseStack`.
 * @param table a row for each layer: gradients of weights and bias, which are written, weights, activities, inputs, outputs.
 * @param scratch for 2 B floats for each unit of the widest layer, behind a panel for 8 floats for each of B or of the
 *   widest layer's units, whichever is more.
 */
export function denseStackGradient(
  dx: usize,
  dy: usize,
  x: usize,
  table: usize,
  scratch: usize,
  layers: i32,
  replicas: i32,
  B: i32,
  xStep: usize,
  panelBytes: usize,
  activityBytes: usize,
): void {
  for (let r = 0; r < replicas; r++) {
    let gradient = ownOf(<u32>dy, r, <u32>B * backWord(table, layers - 1, Back.Outputs));
    // Gradients of activities are made in one half of the scratch from those in the other.
    let spare = scratch + panelBytes;
    let next = spare + activityBytes;
    for (let l = layers - 1; l >= 0; l--) {
      const k = backWord(table, l, Back.Inputs);
      const n = backWord(table, l, Back.Outputs);
      const db = ownOf(backWord(table, l, Back.BiasGradient), r, n);
      const isLast = l == layers - 1;
      const y = isLast ? 0 : ownOf(backWord(table, l, Back.Activity), r, <u32>B * n);
      // In place: each number is read before it is written.
      maskAndSum(gradient, db, gradient, y, 1, B, n);
      const input = l == 0 ? x + <usize>r * xStep : ownOf(backWord(table, l - 1, Back.Activity), r, <u32>B * k);
      const dw = ownOf(backWord(table, l, Back.WeightGradient), r, k * n);
      blockProduct(dw, rowOf(n), input, gradient, 0, scratch, k, B, n, 4, rowOf(k), rowOf(n), 4, false);
      if (l == 0 && dx == 0) break;
      const w = ownOf(backWord(table, l, Back.Weights), r, k * n);
      const to = l == 0 ? ownOf(<u32>dx, r, <u32>B * k) : next;
      blockProduct(to, rowOf(k), gradient, w, 0, scratch, B, n, k, rowOf(n), 4, 4, rowOf(n), false);
      gradient = to;
      next = spare;
      spare = to;
    }
  }
}
