// A long short-term memory cell: what is computed is told in src/ops/lstm-cell.ts, the reference.
//
// Four units at a time; the last four of a row overlap those before where the units, at least 4, are no multiple of 4.
// (A loop with a case for fewer lanes takes three times as long on the way back: V8 spills its vectors.)
import { exponential } from './elementary';

/** output, newCell [rows, units] from gates [rows, 4 units] and cell [rows, units]. */
export function lstmCell(
  output: usize,
  newCell: usize,
  gates: usize,
  cell: usize,
  workspace: usize,
  rows: i32,
  units: i32,
): void {
  const part = <usize>units << 2;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < units; j += 4) {
      const at = <usize>min(j, units - 4) << 2;
      const gate = gates + at;
      const i = sigmoid(workspace, v128.load(gate));
      const f = sigmoid(workspace, v128.load(gate + part));
      const candidate = tanh(workspace, v128.load(gate + 2 * part));
      const o = sigmoid(workspace, v128.load(gate + 3 * part));
      const next = f32x4.add(f32x4.mul(f, v128.load(cell + at)), f32x4.mul(i, candidate));
      v128.store(newCell + at, next);
      v128.store(output + at, f32x4.mul(o, tanh(workspace, next)));
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
  workspace: usize,
  rows: i32,
  units: i32,
): void {
  const part = <usize>units << 2;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < units; j += 4) {
      const at = <usize>min(j, units - 4) << 2;
      const gate = gates + at;
      const i = sigmoid(workspace, v128.load(gate));
      const f = sigmoid(workspace, v128.load(gate + part));
      const candidate = tanh(workspace, v128.load(gate + 2 * part));
      const o = sigmoid(workspace, v128.load(gate + 3 * part));
      const old = v128.load(cell + at);
      const shown = tanh(workspace, f32x4.add(f32x4.mul(f, old), f32x4.mul(i, candidate)));
      const dShown = v128.load(dOutput + at);
      const d = f32x4.add(
        v128.load(dNewCell + at),
        f32x4.mul(f32x4.mul(dShown, o), complement(f32x4.mul(shown, shown))),
      );
      const to = dGates + at;
      v128.store(to, f32x4.mul(f32x4.mul(d, candidate), slope(i)));
      v128.store(to + part, f32x4.mul(f32x4.mul(d, old), slope(f)));
      v128.store(to + 2 * part, f32x4.mul(f32x4.mul(d, i), complement(f32x4.mul(candidate, candidate))));
      v128.store(to + 3 * part, f32x4.mul(f32x4.mul(dShown, shown), slope(o)));
      v128.store(dCell + at, f32x4.mul(d, f));
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
function sigmoid(workspace: usize, x: v128): v128 {
  const e = exponential(workspace, f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  const numerator = v128.bitselect(one, e, f32x4.ge(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

// @ts-ignore: decorator
@inline
function tanh(workspace: usize, x: v128): v128 {
  const size = f32x4.abs(x);
  const e = exponential(workspace, f32x4.mul(size, f32x4.splat(-2)));
  const one = f32x4.splat(1);
  const y = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
  return v128.bitselect(x, y, i32x4.splat(0x80000000));
}
