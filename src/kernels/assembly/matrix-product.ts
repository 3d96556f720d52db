// Product of two float32 matrices, in blocks of 4 rows by 8 columns that are kept in registers.
//
// Each output is one sum over k in order, so a result depends on nothing but its row and column: not on where a block
// begins, nor on how many replicas there are.
import { loadLanes, storeLanes } from './vectors';

const PANEL: i32 = 8;

/**
 * `count` products `out` [m, n] = `a` [m, k] times `b` [k, n], plus `bias` [n] if not 0, then relu if asked for.
 * Results lie one after the other, and so do biases; a is `aStep` bytes after the last one, b `bStep`.
 * @param a row i, column j is at a + i * aRow + j * aColumn; strides are in bytes, so a transposed matrix is one whose
 *   strides are swapped.
 * @param b likewise.
 * @param panel scratch for 8 k floats.
 */
export function matrixProducts(
  out: usize,
  a: usize,
  b: usize,
  bias: usize,
  panel: usize,
  m: i32,
  k: i32,
  n: i32,
  aRow: usize,
  aColumn: usize,
  bRow: usize,
  bColumn: usize,
  relu: bool,
  count: i32,
  aStep: usize,
  bStep: usize,
): void {
  const outRow = <usize>n << 2;
  for (let i = 0; i < count; i++) {
    blockProduct(out, outRow, a, b, bias, panel, m, k, n, aRow, aColumn, bRow, bColumn, relu);
    out += <usize>m * outRow;
    a += aStep;
    b += bStep;
    if (bias != 0) bias += outRow;
  }
}

/**
 * One product into a block of a wider matrix, whose rows are `outRow` bytes apart.
 * @param goesOn whether each sum begins with what stands there, instead of the bias
 */
export function blockProduct(
  out: usize,
  outRow: usize,
  a: usize,
  b: usize,
  bias: usize,
  panel: usize,
  m: i32,
  k: i32,
  n: i32,
  aRow: usize,
  aColumn: usize,
  bRow: usize,
  bColumn: usize,
  relu: bool,
  goesOn: bool = false,
): void {
  for (let j = 0; j < n; j += PANEL) {
    const columns = min(PANEL, n - j);
    packPanel(panel, b + <usize>j * bColumn, k, columns, bRow, bColumn);
    let bias0 = f32x4.splat(0);
    let bias1 = f32x4.splat(0);
    if (bias != 0) {
      bias0 = loadLanes(bias + (<usize>j << 2), columns);
      bias1 = loadLanes(bias + (<usize>j << 2) + 16, columns - 4);
    }
    const corner = out + (<usize>j << 2);
    multiplyPanel(corner, a, panel, bias0, bias1, m, k, columns, outRow, aRow, aColumn, relu, goesOn);
  }
}

/** Copies `columns` columns of b to rows of 8 that lie one after the other; missing columns are 0. */
function packPanel(panel: usize, b: usize, k: i32, columns: i32, row: usize, column: usize): void {
  if (column == 4) {
    for (let i = 0; i < k; i++) {
      v128.store(panel, loadLanes(b, columns));
      v128.store(panel, loadLanes(b + 16, columns - 4), 16);
      panel += PANEL << 2;
      b += row;
    }
    return;
  }
  for (let j = 0; j < PANEL; j++) {
    let from = b + <usize>j * column;
    let to = panel + (<usize>j << 2);
    for (let i = 0; i < k; i++) {
      store<f32>(to, j < columns ? load<f32>(from) : 0);
      from += row;
      to += PANEL << 2;
    }
  }
}

/** `a` times one panel. A block that ends past the last row repeats that row, and does not store it. */
function multiplyPanel(
  out: usize,
  a: usize,
  panel: usize,
  bias0: v128,
  bias1: v128,
  m: i32,
  k: i32,
  columns: i32,
  outRow: usize,
  aRow: usize,
  aColumn: usize,
  relu: bool,
  goesOn: bool,
): void {
  const end = panel + (<usize>k * PANEL << 2);
  for (let i = 0; i < m; i += 4) {
    let a0 = a + <usize>i * aRow;
    let a1 = a + <usize>min(i + 1, m - 1) * aRow;
    let a2 = a + <usize>min(i + 2, m - 1) * aRow;
    let a3 = a + <usize>min(i + 3, m - 1) * aRow;
    let c00 = bias0, c01 = bias1;
    let c10 = bias0, c11 = bias1;
    let c20 = bias0, c21 = bias1;
    let c30 = bias0, c31 = bias1;
    if (goesOn) {
      const row0 = out + <usize>i * outRow;
      const row1 = out + <usize>min(i + 1, m - 1) * outRow;
      const row2 = out + <usize>min(i + 2, m - 1) * outRow;
      const row3 = out + <usize>min(i + 3, m - 1) * outRow;
      c00 = loadLanes(row0, columns), c01 = loadLanes(row0 + 16, columns - 4);
      c10 = loadLanes(row1, columns), c11 = loadLanes(row1 + 16, columns - 4);
      c20 = loadLanes(row2, columns), c21 = loadLanes(row2 + 16, columns - 4);
      c30 = loadLanes(row3, columns), c31 = loadLanes(row3 + 16, columns - 4);
    }
    for (let b = panel; b < end; b += PANEL << 2) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let factor = v128.load32_splat(a0);
      c00 = f32x4.add(c00, f32x4.mul(factor, b0));
      c01 = f32x4.add(c01, f32x4.mul(factor, b1));
      factor = v128.load32_splat(a1);
      c10 = f32x4.add(c10, f32x4.mul(factor, b0));
      c11 = f32x4.add(c11, f32x4.mul(factor, b1));
      factor = v128.load32_splat(a2);
      c20 = f32x4.add(c20, f32x4.mul(factor, b0));
      c21 = f32x4.add(c21, f32x4.mul(factor, b1));
      factor = v128.load32_splat(a3);
      c30 = f32x4.add(c30, f32x4.mul(factor, b0));
      c31 = f32x4.add(c31, f32x4.mul(factor, b1));
      a0 += aColumn;
      a1 += aColumn;
      a2 += aColumn;
      a3 += aColumn;
    }
    storeBlock(out + <usize>i * outRow, outRow, m - i, columns, relu, c00, c01, c10, c11, c20, c21, c30, c31);
  }
}

// @ts-ignore: decorator
@inline
function storeBlock(
  out: usize,
  outRow: usize,
  rows: i32,
  columns: i32,
  relu: bool,
  c00: v128,
  c01: v128,
  c10: v128,
  c11: v128,
  c20: v128,
  c21: v128,
  c30: v128,
  c31: v128,
): void {
  storeRow(out, columns, relu, c00, c01);
  if (rows > 1) storeRow(out + outRow, columns, relu, c10, c11);
  if (rows > 2) storeRow(out + outRow * 2, columns, relu, c20, c21);
  if (rows > 3) storeRow(out + outRow * 3, columns, relu, c30, c31);
}

// @ts-ignore: decorator
@inline
function storeRow(out: usize, columns: i32, relu: bool, c0: v128, c1: v128): void {
  if (relu) {
    // pmax keeps a NaN, so that a diverged replica stays visible.
    c0 = f32x4.pmax(c0, f32x4.splat(0));
    c1 = f32x4.pmax(c1, f32x4.splat(0));
  }
  storeLanes(out, c0, columns);
  storeLanes(out + 16, c1, columns - 4);
}
