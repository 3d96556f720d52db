// Convolutions of images of W columns with 3 x 3 filters by Winograd's way (Lavin and Gray, "Fast algorithms for convolutional
// neural networks", 2015).
//
// Along one axis, 4 outputs of 3 taps are the coefficients of a product of polynomials: 6 products of values at 6 points
// instead of 12 of coefficients. Along both axes that is 36 products for a piece of 4 x 4 outputs instead of 144; 120
// of them are not with the zeros beside an image of 4 columns. For all maps together each of the 36 is a matrix product.
// The points are 0, A, -A, B, -B and infinity: with 3/4 and 3/2 the rounding errors are less than with the usual 1 and 2.
//
// Every way back is the transpose of the way there: gradients take the same products, and nothing else.
import { blockProduct } from './matrix-product';
import { loadLanes, storeLanes } from './vectors';

export const W: i32 = 4;
export const TAPS: i32 = 3;
/** Outputs of a piece along either axis. */
export const PIECE: i32 = 4;
const POINTS: i32 = 6;
export const ALL_POINTS: i32 = 36;

const A: f32 = 0.75;
const B: f32 = 1.5;
const AA: f32 = 0.5625;
const BB: f32 = 2.25;
const AABB: f32 = 1.265625;
const SUM: f32 = 2.8125;
const AT_0: f32 = <f32>1 / AABB;
const AT_A: f32 = <f32>1 / (<f32>2 * AA * (AA - BB));
const AT_B: f32 = <f32>1 / (<f32>2 * BB * (BB - AA));

// @ts-ignore: decorator
@inline
export function floats(count: i32): usize {
  return <usize>count << 2;
}

/** Numbers of an image whose end is filled up to whole pieces, between a position of zeros on either side. */
export function paddedNumbers(n: i32, sequences: i32, maps: i32): i32 {
  return (n + PIECE + 1) * sequences * W * maps;
}

/** Room for what is known along one axis only, in numbers. */
export function partNumbers(maps: i32): i32 {
  return 2 * POINTS * POINTS * maps;
}

/** Numbers in `to`, so many bytes apart, from such in `from`; each time `count` beside one another. */
function valuesOfInput(to: usize, toStep: usize, from: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const d0 = loadLanes(from, left);
    const d1 = loadLanes(from + step, left);
    const d2 = loadLanes(from + 2 * step, left);
    const d3 = loadLanes(from + 3 * step, left);
    const d4 = loadLanes(from + 4 * step, left);
    const d5 = loadLanes(from + 5 * step, left);
    const even1 = f32x4.sub(d4, times(BB, d2));
    const odd1 = times(A, f32x4.sub(d3, times(BB, d1)));
    const even2 = f32x4.sub(d4, times(AA, d2));
    const odd2 = times(B, f32x4.sub(d3, times(AA, d1)));
    storeLanes(to, f32x4.sub(f32x4.add(times(AABB, d0), d4), times(SUM, d2)), left);
    storeLanes(to + toStep, f32x4.add(even1, odd1), left);
    storeLanes(to + 2 * toStep, f32x4.sub(even1, odd1), left);
    storeLanes(to + 3 * toStep, f32x4.add(even2, odd2), left);
    storeLanes(to + 4 * toStep, f32x4.sub(even2, odd2), left);
    storeLanes(to + 5 * toStep, f32x4.sub(f32x4.add(times(AABB, d1), d5), times(SUM, d3)), left);
    from += 16;
    to += 16;
  }
}

/** Its transpose. */
function inputOfValues(to: usize, toStep: usize, from: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const v0 = loadLanes(from, left);
    const v1 = loadLanes(from + step, left);
    const v2 = loadLanes(from + 2 * step, left);
    const v3 = loadLanes(from + 3 * step, left);
    const v4 = loadLanes(from + 4 * step, left);
    const v5 = loadLanes(from + 5 * step, left);
    const even1 = f32x4.add(v1, v2);
    const odd1 = times(A, f32x4.sub(v1, v2));
    const even2 = f32x4.add(v3, v4);
    const odd2 = times(B, f32x4.sub(v3, v4));
    const inner = f32x4.add(times(BB, even1), times(AA, even2));
    storeLanes(to, times(AABB, v0), left);
    storeLanes(to + toStep, f32x4.sub(times(AABB, v5), f32x4.add(times(BB, odd1), times(AA, odd2))), left);
    storeLanes(to + 2 * toStep, f32x4.sub(f32x4.neg(times(SUM, v0)), inner), left);
    storeLanes(to + 3 * toStep, f32x4.sub(f32x4.add(odd1, odd2), times(SUM, v5)), left);
    storeLanes(to + 4 * toStep, f32x4.add(v0, f32x4.add(even1, even2)), left);
    storeLanes(to + 5 * toStep, v5, left);
    from += 16;
    to += 16;
  }
}

function outputOfValues(to: usize, toStep: usize, from: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const v1 = loadLanes(from + step, left);
    const v2 = loadLanes(from + 2 * step, left);
    const v3 = loadLanes(from + 3 * step, left);
    const v4 = loadLanes(from + 4 * step, left);
    const even1 = f32x4.add(v1, v2);
    const odd1 = times(A, f32x4.sub(v1, v2));
    const even2 = f32x4.add(v3, v4);
    const odd2 = times(B, f32x4.sub(v3, v4));
    const last = f32x4.add(times(AA, odd1), times(BB, odd2));
    storeLanes(to, f32x4.add(loadLanes(from, left), f32x4.add(even1, even2)), left);
    storeLanes(to + toStep, f32x4.add(odd1, odd2), left);
    storeLanes(to + 2 * toStep, f32x4.add(times(AA, even1), times(BB, even2)), left);
    storeLanes(to + 3 * toStep, f32x4.add(last, loadLanes(from + 5 * step, left)), left);
    from += 16;
    to += 16;
  }
}

/** Its transpose. */
function valuesOfOutput(to: usize, toStep: usize, from: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const y0 = loadLanes(from, left);
    const y1 = loadLanes(from + step, left);
    const y2 = loadLanes(from + 2 * step, left);
    const y3 = loadLanes(from + 3 * step, left);
    const even1 = f32x4.add(y0, times(AA, y2));
    const odd1 = times(A, f32x4.add(y1, times(AA, y3)));
    const even2 = f32x4.add(y0, times(BB, y2));
    const odd2 = times(B, f32x4.add(y1, times(BB, y3)));
    storeLanes(to, y0, left);
    storeLanes(to + toStep, f32x4.add(even1, odd1), left);
    storeLanes(to + 2 * toStep, f32x4.sub(even1, odd1), left);
    storeLanes(to + 3 * toStep, f32x4.add(even2, odd2), left);
    storeLanes(to + 4 * toStep, f32x4.sub(even2, odd2), left);
    storeLanes(to + 5 * toStep, y3, left);
    from += 16;
    to += 16;
  }
}

function valuesOfFilter(to: usize, toStep: usize, from: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const g0 = loadLanes(from, left);
    const g1 = loadLanes(from + step, left);
    const g2 = loadLanes(from + 2 * step, left);
    const even1 = f32x4.add(g0, times(AA, g2));
    const odd1 = times(A, g1);
    const even2 = f32x4.add(g0, times(BB, g2));
    const odd2 = times(B, g1);
    storeLanes(to, times(AT_0, g0), left);
    storeLanes(to + toStep, times(AT_A, f32x4.add(even1, odd1)), left);
    storeLanes(to + 2 * toStep, times(AT_A, f32x4.sub(even1, odd1)), left);
    storeLanes(to + 3 * toStep, times(AT_B, f32x4.add(even2, odd2)), left);
    storeLanes(to + 4 * toStep, times(AT_B, f32x4.sub(even2, odd2)), left);
    storeLanes(to + 5 * toStep, g2, left);
    from += 16;
    to += 16;
  }
}

/** Its transpose. */
function filterOfValues(to: usize, toStep: usize, from: usize, step: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i;
    const u1 = loadLanes(from + step, left);
    const u2 = loadLanes(from + 2 * step, left);
    const u3 = loadLanes(from + 3 * step, left);
    const u4 = loadLanes(from + 4 * step, left);
    const even1 = times(AT_A, f32x4.add(u1, u2));
    const odd1 = times(AT_A, f32x4.sub(u1, u2));
    const even2 = times(AT_B, f32x4.add(u3, u4));
    const odd2 = times(AT_B, f32x4.sub(u3, u4));
    const last = f32x4.add(times(AA, even1), times(BB, even2));
    storeLanes(to, f32x4.add(times(AT_0, loadLanes(from, left)), f32x4.add(even1, even2)), left);
    storeLanes(to + toStep, f32x4.add(times(A, odd1), times(B, odd2)), left);
    storeLanes(to + 2 * toStep, f32x4.add(last, loadLanes(from + 5 * step, left)), left);
    from += 16;
    to += 16;
  }
}

// @ts-ignore: decorator
@inline
function times(factor: f32, x: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), x);
}

/** values [6 (position), 6 (width), m, parts, m] of filters [parts, 3 (width), 3 (position), m, m] */
export function filterValues(values: usize, filters: usize, part: usize, m: i32, parts: i32): void {
  const row = floats(m);
  const tap = <usize>m * row;
  const point = <usize>parts * tap;
  for (let k = 0; k < parts; k++) {
    for (let from = 0; from < m; from++) {
      const filter = filters + <usize>k * TAPS * TAPS * tap + <usize>from * row;
      const to = values + <usize>(from * parts + k) * row;
      for (let p = 0; p < TAPS; p++)
        valuesOfFilter(part + <usize>(p * POINTS) * row, row, filter + <usize>p * tap, TAPS * tap, m);
      for (let q = 0; q < POINTS; q++)
        valuesOfFilter(to + <usize>q * point, POINTS * point, part + <usize>q * row, POINTS * row, m);
    }
  }
}

/** Its transpose. */
export function filterGradient(filters: usize, values: usize, part: usize, m: i32, parts: i32): void {
  const row = floats(m);
  const tap = <usize>m * row;
  const point = <usize>parts * tap;
  for (let k = 0; k < parts; k++) {
    for (let from = 0; from < m; from++) {
      const filter = filters + <usize>k * TAPS * TAPS * tap + <usize>from * row;
      const own = values + <usize>(from * parts + k) * row;
      for (let q = 0; q < POINTS; q++)
        filterOfValues(part + <usize>q * row, POINTS * row, own + <usize>q * point, POINTS * point, m);
      for (let p = 0; p < TAPS; p++)
        filterOfValues(filter + <usize>p * tap, TAPS * tap, part + <usize>(p * POINTS) * row, row, m);
    }
  }
}

/** values [6, 6, sequences, m] of what a piece needs of a padded image; `image` is where its first position stands there. */
export function inputValues(values: usize, image: usize, part: usize, sequences: i32, m: i32): void {
  const row = floats(m);
  const wide = W * row;
  const line = <usize>sequences * wide;
  const point = <usize>sequences * row;
  // The columns beside the image are zeros.
  memory.fill(part, 0, POINTS * POINTS * row);
  for (let b = 0; b < sequences; b++) {
    valuesOfInput(part + row, POINTS * row, image, line, W * m);
    for (let p = 0; p < POINTS; p++)
      valuesOfInput(values + <usize>(p * POINTS) * point, point, part + <usize>(p * POINTS) * row, row, m);
    values += row;
    image += wide;
  }
}

/** Adds the transpose of `inputValues` to an image of `own` positions that is not padded, for the piece from `first` on. */
export function addInputGradient(
  image: usize,
  values: usize,
  part: usize,
  first: i32,
  own: i32,
  sequences: i32,
  m: i32,
): void {
  const row = floats(m);
  const wide = W * row;
  const line = <usize>sequences * wide;
  const point = <usize>sequences * row;
  const both = part + <usize>(POINTS * POINTS) * row;
  for (let b = 0; b < sequences; b++) {
    for (let p = 0; p < POINTS; p++)
      inputOfValues(part + <usize>(p * POINTS) * row, row, values + <usize>(p * POINTS) * point, point, m);
    inputOfValues(both, wide, part + row, POINTS * row, W * m);
    for (let i = 0; i < POINTS; i++) {
      const position = first + i - 1;
      if (position < 0 || position >= own) continue;
      add(image + <usize>position * line + <usize>b * wide, both + <usize>i * wide, W * m);
    }
    values += row;
  }
}

/** A piece's outputs, with their bias, from values [6, 6, sequences, outputs]; `image` is where the first position stands. */
export function outputOf(
  image: usize,
  values: usize,
  bias: usize,
  part: usize,
  positions: i32,
  sequences: i32,
  outputs: i32,
): void {
  const row = floats(outputs);
  const wide = W * row;
  const line = <usize>sequences * wide;
  const point = <usize>sequences * row;
  const both = part + <usize>POINTS * wide;
  for (let b = 0; b < sequences; b++) {
    for (let p = 0; p < POINTS; p++)
      outputOfValues(part + <usize>p * wide, row, values + <usize>(p * POINTS) * point, point, outputs);
    outputOfValues(both, wide, part, wide, W * outputs);
    for (let i = 0; i < positions; i++) {
      for (let w = 0; w < W; w++)
        sum(image + <usize>i * line + <usize>w * row, both + <usize>(i * W + w) * row, bias, outputs);
    }
    values += row;
    image += wide;
  }
}

/** The transpose of `outputOf`: values of a piece of an image of gradients, whose positions are all there. */
export function outputGradientValues(
  values: usize,
  image: usize,
  part: usize,
  sequences: i32,
  outputs: i32,
): void {
  const row = floats(outputs);
  const wide = W * row;
  const line = <usize>sequences * wide;
  const point = <usize>sequences * row;
  for (let b = 0; b < sequences; b++) {
    valuesOfOutput(part, wide, image, line, W * outputs);
    for (let p = 0; p < POINTS; p++)
      valuesOfOutput(values + <usize>(p * POINTS) * point, point, part + <usize>p * wide, row, outputs);
    values += row;
    image += wide;
  }
}

/**
 * At each point out [rows, columns] = x [rows, k] times y [k, columns].
 * @param turned whether the points' y are transposed, [columns, k]
 */
export function multiplyValues(
  out: usize,
  x: usize,
  y: usize,
  panel: usize,
  rows: i32,
  k: i32,
  columns: i32,
  turned: bool,
): void {
  const row = floats(columns);
  const yRow: usize = turned ? 4 : row;
  const yColumn: usize = turned ? floats(k) : 4;
  for (let point = 0; point < ALL_POINTS; point++) {
    blockProduct(out, row, x, y, 0, panel, rows, k, columns, floats(k), 4, yRow, yColumn, false);
    out += <usize>rows * row;
    x += floats(rows * k);
    y += <usize>k * row;
  }
}

/** At each point adds to out [rows, columns] the transpose of x [k, rows] times y [k, columns]. */
export function addProductOfTransposed(
  out: usize,
  x: usize,
  y: usize,
  panel: usize,
  rows: i32,
  k: i32,
  columns: i32,
): void {
  const row = floats(columns);
  for (let point = 0; point < ALL_POINTS; point++) {
    blockProduct(out, row, x, y, 0, panel, rows, k, columns, 4, floats(rows), row, 4, false, true);
    out += <usize>rows * row;
    x += floats(k * rows);
    y += <usize>k * row;
  }
}

function add(to: usize, x: usize, count: i32): void {
  sum(to, to, x, count);
}

function sum(to: usize, x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const at = floats(i);
    storeLanes(to + at, f32x4.add(loadLanes(x + at, count - i), loadLanes(y + at, count - i)), count - i);
  }
}
