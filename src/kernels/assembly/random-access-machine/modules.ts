// The modules of src/experiments/kth-element/modules.ts on distributions over 0 .. M-1, and their gradients. An argument
// that begins with d is a gradient; A and B are a module's inputs.
import { accumulate, get, put } from './lanes';

// @ts-ignore: decorator
@inline
function bytes(count: i32): usize {
  return <usize>count << 4;
}

/** out[j] = sum over i of A[i] content[i][j] */
export function read(out: usize, content: usize, A: usize, M: i32): void {
  for (let j = 0; j < M; j++) {
    let sum = f32x4.splat(0);
    for (let i = 0; i < M; i++) sum = f32x4.add(sum, f32x4.mul(get(A, i), get(content, i * M + j)));
    put(out, j, sum);
  }
}

/** dA is set, dContent added to. */
export function readGradient(dA: usize, dContent: usize, d: usize, content: usize, A: usize, M: i32): void {
  for (let i = 0; i < M; i++) {
    const address = get(A, i);
    let sum = f32x4.splat(0);
    for (let j = 0; j < M; j++) {
      sum = f32x4.add(sum, f32x4.mul(get(d, j), get(content, i * M + j)));
      accumulate(dContent, i * M + j, f32x4.mul(address, get(d, j)));
    }
    put(dA, i, sum);
  }
}

export function write(out: usize, content: usize, A: usize, B: usize, M: i32): void {
  for (let i = 0; i < M; i++) {
    const address = get(A, i);
    const kept = f32x4.sub(f32x4.splat(1), address);
    for (let j = 0; j < M; j++) {
      const old = f32x4.mul(get(content, i * M + j), kept);
      put(out, i * M + j, f32x4.add(old, f32x4.mul(address, get(B, j))));
    }
  }
}

/** dA and dB are set, dContent becomes that before the write. The module's output is B itself. */
export function writeGradient(
  dA: usize,
  dB: usize,
  dContent: usize,
  d: usize,
  content: usize,
  A: usize,
  B: usize,
  M: i32,
): void {
  memory.copy(dB, d, bytes(M));
  for (let i = 0; i < M; i++) {
    const address = get(A, i);
    const kept = f32x4.sub(f32x4.splat(1), address);
    let sum = f32x4.splat(0);
    for (let j = 0; j < M; j++) {
      const slope = get(dContent, i * M + j);
      sum = f32x4.add(sum, f32x4.mul(slope, f32x4.sub(get(B, j), get(content, i * M + j))));
      accumulate(dB, j, f32x4.mul(slope, address));
      put(dContent, i * M + j, f32x4.mul(slope, kept));
    }
    put(dA, i, sum);
  }
}

export function constant(out: usize, value: i32, M: i32): void {
  memory.fill(out, 0, bytes(M));
  put(out, value, f32x4.splat(1));
}

/** out[c] = x[(c + shift) mod M], 0 <= shift < M */
export function rotate(out: usize, x: usize, shift: i32, M: i32): void {
  const first = bytes(shift);
  const rest = bytes(M - shift);
  memory.copy(out, x + first, rest);
  memory.copy(out + rest, x, first);
}

/** out[c] = sum over a of x[a] y[(c - a) mod M] */
export function add(out: usize, x: usize, y: usize, M: i32): void {
  for (let c = 0; c < M; c++) {
    let sum = f32x4.splat(0);
    for (let a = 0; a <= c; a++) sum = f32x4.add(sum, f32x4.mul(get(x, a), get(y, c - a)));
    for (let a = c + 1; a < M; a++) sum = f32x4.add(sum, f32x4.mul(get(x, a), get(y, M + c - a)));
    put(out, c, sum);
  }
}

/** out[c] = sum over b of x[b] y[(b + c) mod M] */
export function correlate(out: usize, x: usize, y: usize, M: i32): void {
  for (let c = 0; c < M; c++) {
    let sum = f32x4.splat(0);
    for (let b = 0; b < M - c; b++) sum = f32x4.add(sum, f32x4.mul(get(x, b), get(y, b + c)));
    for (let b = M - c; b < M; b++) sum = f32x4.add(sum, f32x4.mul(get(x, b), get(y, b + c - M)));
    put(out, c, sum);
  }
}

/** P(x <= y) */
export function probability(x: usize, y: usize, M: i32): v128 {
  let cumulated = f32x4.splat(0);
  let sum = f32x4.splat(0);
  for (let j = 0; j < M; j++) {
    cumulated = f32x4.add(cumulated, get(x, j));
    sum = f32x4.add(sum, f32x4.mul(cumulated, get(y, j)));
  }
  return sum;
}

export function probabilityGradient(dx: usize, dy: usize, x: usize, y: usize, d: v128, M: i32): void {
  let cumulated = f32x4.splat(0);
  for (let j = 0; j < M; j++) {
    cumulated = f32x4.add(cumulated, get(x, j));
    put(dy, j, f32x4.mul(d, cumulated));
  }
  cumulated = f32x4.splat(0);
  for (let j = M - 1; j >= 0; j--) {
    cumulated = f32x4.add(cumulated, get(y, j));
    put(dx, j, f32x4.mul(d, cumulated));
  }
}

export function dot(x: usize, y: usize, M: i32): v128 {
  let sum = f32x4.splat(0);
  for (let j = 0; j < M; j++) sum = f32x4.add(sum, f32x4.mul(get(x, j), get(y, j)));
  return sum;
}

export function scaled(out: usize, x: usize, factor: v128, M: i32): void {
  for (let j = 0; j < M; j++) put(out, j, f32x4.mul(factor, get(x, j)));
}

/** 1 with probability p, else 0. */
export function truth(out: usize, p: v128, M: i32): void {
  memory.fill(out, 0, bytes(M));
  put(out, 0, f32x4.sub(f32x4.splat(1), p));
  put(out, 1, p);
}

export function truthGradient(d: usize): v128 {
  return f32x4.sub(get(d, 1), get(d, 0));
}

/** out[c] = x[c] (sum of y from c up) + y[c] (sum of x from c up) - x[c] y[c] */
export function minimum(out: usize, x: usize, y: usize, M: i32): void {
  let sumX = f32x4.splat(0);
  let sumY = f32x4.splat(0);
  for (let c = M - 1; c >= 0; c--) {
    // The term that would be counted twice is left out of the second sum.
    sumY = f32x4.add(sumY, get(y, c));
    put(out, c, f32x4.add(f32x4.mul(get(x, c), sumY), f32x4.mul(get(y, c), sumX)));
    sumX = f32x4.add(sumX, get(x, c));
  }
}

/** dx[c] = d[c] (sum of y above c) + (sum of d y up to c) */
export function minimumGradient(dx: usize, d: usize, y: usize, M: i32): void {
  let below = f32x4.splat(0);
  for (let c = 0; c < M; c++) {
    below = f32x4.add(below, f32x4.mul(get(d, c), get(y, c)));
    put(dx, c, below);
  }
  let above = f32x4.splat(0);
  for (let c = M - 1; c >= 0; c--) {
    accumulate(dx, c, f32x4.mul(get(d, c), above));
    above = f32x4.add(above, get(y, c));
  }
}

/** As `minimum`, with sums from c down. */
export function maximum(out: usize, x: usize, y: usize, M: i32): void {
  let sumX = f32x4.splat(0);
  let sumY = f32x4.splat(0);
  for (let c = 0; c < M; c++) {
    sumY = f32x4.add(sumY, get(y, c));
    put(out, c, f32x4.add(f32x4.mul(get(x, c), sumY), f32x4.mul(get(y, c), sumX)));
    sumX = f32x4.add(sumX, get(x, c));
  }
}

/** dx[c] = d[c] (sum of y below c) + (sum of d y from c up) */
export function maximumGradient(dx: usize, d: usize, y: usize, M: i32): void {
  let above = f32x4.splat(0);
  for (let c = M - 1; c >= 0; c--) {
    above = f32x4.add(above, f32x4.mul(get(d, c), get(y, c)));
    put(dx, c, above);
  }
  let below = f32x4.splat(0);
  for (let c = 0; c < M; c++) {
    accumulate(dx, c, f32x4.mul(get(d, c), below));
    below = f32x4.add(below, get(y, c));
  }
}
