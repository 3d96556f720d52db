// A long short-term memory cell: what is computed is told in src/kernels/lstm-cell.ts, the reference.
import { exponential } from './elementary';
import { loadLanes, storeLanes } from './vectors';

/** output, newCell [rows, units] from gates [rows, 4 units] and cell [rows, units]. `constants`: see elementary.ts. */
export function lstmCell(
  output: usize,
  newCell: usize,
  gates: usize,
  cell: usize,
  constants: usize,
  rows: i32,
  units: i32,
): void {
  const part = <usize>units << 2;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < units; j += 4) {
      const count = units - j;
      const gate = gates + (<usize>j << 2);
      const i = sigmoid(loadLanes(gate, count), constants);
      const f = sigmoid(loadLanes(gate + part, count), constants);
      const candidate = tanh(loadLanes(gate + 2 * part, count), constants);
      const o = sigmoid(loadLanes(gate + 3 * part, count), constants);
      const at = <usize>j << 2;
      const next = f32x4.add(f32x4.mul(f, loadLanes(cell + at, count)), f32x4.mul(i, candidate));
      storeLanes(newCell + at, next, count);
      storeLanes(output + at, f32x4.mul(o, tanh(next, constants)), count);
    }
    gates += 4 * part;
    cell += part;
    output += part;
    newCell += part;
  }
}

/** dGates [rows, 4 units] and dCell [rows, units] from the inputs and the gradients of both outputs [rows, units]. */
export function lstmCellGradient(
  dGates: usize,
  dCell: usize,
  gates: usize,
  cell: usize,
  dOutput: usize,
  dNewCell: usize,
  constants: usize,
  rows: i32,
  units: i32,
): void {
  const part = <usize>units << 2;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < units; j += 4) {
      const count = units - j;
      const at = <usize>j << 2;
      const gate = gates + at;
      const i = sigmoid(loadLanes(gate, count), constants);
      const f = sigmoid(loadLanes(gate + part, count), constants);
      const candidate = tanh(loadLanes(gate + 2 * part, count), constants);
      const o = sigmoid(loadLanes(gate + 3 * part, count), constants);
      const old = loadLanes(cell + at, count);
      const shown = tanh(f32x4.add(f32x4.mul(f, old), f32x4.mul(i, candidate)), constants);
      const dShown = loadLanes(dOutput + at, count);
      const d = f32x4.add(
        loadLanes(dNewCell + at, count),
        f32x4.mul(f32x4.mul(dShown, o), complement(f32x4.mul(shown, shown))),
      );
      const to = dGates + at;
      storeLanes(to, f32x4.mul(f32x4.mul(d, candidate), slope(i)), count);
      storeLanes(to + part, f32x4.mul(f32x4.mul(d, old), slope(f)), count);
      storeLanes(
        to + 2 * part,
        f32x4.mul(f32x4.mul(d, i), complement(f32x4.mul(candidate, candidate))),
        count,
      );
      storeLanes(to + 3 * part, f32x4.mul(f32x4.mul(dShown, shown), slope(o)), count);
      storeLanes(dCell + at, f32x4.mul(d, f), count);
    }
    gates += 4 * part;
    dGates += 4 * part;
    cell += part;
    dCell += part;
    dOutput += part;
    dNewCell += part;
  }
}

// @ts-ignore: decorator
@inline
function complement(x: v128): v128 {
  return f32x4.sub(f32x4.splat(1), x);
}

/** Derivative of a sigmoid whose value is `y`. */
// @ts-ignore: decorator
@inline
function slope(y: v128): v128 {
  return f32x4.mul(y, complement(y));
}

// @ts-ignore: decorator
@inline
function sigmoid(x: v128, constants: usize): v128 {
  const e = exponential(f32x4.neg(f32x4.abs(x)), constants);
  const one = f32x4.splat(1);
  const numerator = v128.bitselect(one, e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

// @ts-ignore: decorator
@inline
function tanh(x: v128, constants: usize): v128 {
  const size = f32x4.abs(x);
  const e = exponential(f32x4.mul(size, f32x4.splat(-2)), constants);
  const one = f32x4.splat(1);
  const y = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  return v128.bitselect(x, y, i32x4.splat(0x80000000));
}
