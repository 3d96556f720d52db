// Distributions: how they are chosen from logits, mixed, kept to a sum of 1, and what limits their gradients.
import { exponential, safeLogarithm } from '../elementary';
import { get, put } from './lanes';

/**
 * Logits to probabilities, in place; returns the entropy, log(sum of e^z) - (sum of z e^z) / (sum of e^z), with z the
 * logits less the largest.
 */
export function softmax(workspace: usize, z: usize, count: i32): v128 {
  let largest = v128.load(z);
  for (let i = 1; i < count; i++) largest = f32x4.max(largest, get(z, i));
  let sum = f32x4.splat(0);
  let weighted = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const x = f32x4.sub(get(z, i), largest);
    const e = exponential(workspace, x);
    put(z, i, e);
    sum = f32x4.add(sum, e);
    weighted = f32x4.add(weighted, f32x4.mul(e, x));
  }
  const scale = f32x4.div(f32x4.splat(1), sum);
  for (let i = 0; i < count; i++) put(z, i, f32x4.mul(get(z, i), scale));
  return f32x4.sub(safeLogarithm(workspace, sum), f32x4.mul(weighted, scale));
}

/** `d`, in place: p (d - sum of p d) with d less dEntropy log p, the gradient of the entropy but for a constant. */
export function softmaxGradient(workspace: usize, d: usize, p: usize, count: i32, dEntropy: v128): void {
  let mean = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const chance = get(p, i);
    const gradient = f32x4.sub(get(d, i), f32x4.mul(dEntropy, safeLogarithm(workspace, chance)));
    put(d, i, gradient);
    mean = f32x4.add(mean, f32x4.mul(chance, gradient));
  }
  for (let i = 0; i < count; i++) put(d, i, f32x4.mul(get(p, i), f32x4.sub(get(d, i), mean)));
}

/** out[j] = sum over v of p[v] values[v][j], for the first `count` rows of values, M wide. */
export function mix(out: usize, p: usize, values: usize, count: i32, M: i32): void {
  const stride = <usize>M << 4;
  const last = p + (<usize>count << 4);
  let column = values;
  const end = values + stride;
  while (column < end) {
    const wide = column + 16 < end;
    let at = column;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    for (let chance = p; chance < last; chance += 16) {
      const factor = v128.load(chance);
      sum0 = f32x4.add(sum0, f32x4.mul(factor, v128.load(at)));
      // One past the row is the next one's first: there is always something to load.
      sum1 = f32x4.add(sum1, f32x4.mul(factor, v128.load(at, 16)));
      at += stride;
    }
    v128.store(out, sum0);
    if (wide) v128.store(out, sum1, 16);
    out += 32;
    column += 32;
  }
}

/** Gradient of `mix`: dp[v] = sum over j of d[j] values[v][j], and dValues[v][j] += p[v] d[j]. */
export function mixGradient(
  dp: usize,
  dValues: usize,
  d: usize,
  p: usize,
  values: usize,
  count: i32,
  M: i32,
): void {
  let value = values;
  let gradient = dValues;
  const last = d + (<usize>M << 4);
  for (let v = 0; v < count; v++) {
    const chance = v128.load(p);
    let sum = f32x4.splat(0);
    for (let at = d; at < last; at += 16) {
      const slope = v128.load(at);
      sum = f32x4.add(sum, f32x4.mul(slope, v128.load(value)));
      v128.store(gradient, f32x4.add(v128.load(gradient), f32x4.mul(chance, slope)));
      value += 16;
      gradient += 16;
    }
    v128.store(dp, sum);
    p += 16;
    dp += 16;
  }
}

/** Divides by the sum. */
export function renormalise(x: usize, M: i32): void {
  let sum = f32x4.splat(0);
  for (let j = 0; j < M; j++) sum = f32x4.add(sum, get(x, j));
  for (let j = 0; j < M; j++) put(x, j, f32x4.div(get(x, j), sum));
}

/** Limits every entry to [-limit, limit]. */
export function clip(x: usize, count: i32, limit: v128): void {
  const low = f32x4.neg(limit);
  for (let i = 0; i < count; i++) put(x, i, f32x4.min(f32x4.max(get(x, i), low), limit));
}

