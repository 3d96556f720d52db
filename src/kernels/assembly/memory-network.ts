// Embedding bags, and a hop of an end-to-end memory network over them.
//
// A bag is a sentence of `slots` word ids; its embedding is the sum over its slots j of weights[j] * table[id j], entry by
// entry. Id 0 fills unused slots and has a zero embedding, so it is skipped. A memory of `sentences` bags is filled from
// the front: the first whose ids are all 0 ends it. Embeddings are computed again wherever they are needed: a sentence
// has a handful of words, and that costs less than storing the embeddings of a whole memory and reading them back.

/** `out` [replicas, bags, width] = embeddings of `ids` [replicas or 1, bags, slots] in `table` [replicas, words, width]. */
export function embedBags(
  out: usize,
  table: usize,
  ids: usize,
  weights: usize,
  replicas: i32,
  bags: i32,
  slots: i32,
  width: i32,
  tableBytes: usize,
  idBytes: usize,
): void {
  for (let r = 0; r < replicas; r++) {
    for (let b = 0; b < bags; b++) {
      const at = out + (<usize>(r * bags + b) * width << 2);
      embed(at, table + <usize>r * tableBytes, ids + <usize>r * idBytes + (<usize>b * slots << 2), weights, slots, width);
    }
  }
}

/** `dTable` [replicas, words, width], the gradient of `embedBags` for `dOut` [replicas, bags, width]. */
export function embedBagsGradient(
  dTable: usize,
  dOut: usize,
  ids: usize,
  weights: usize,
  replicas: i32,
  bags: i32,
  slots: i32,
  width: i32,
  tableBytes: usize,
  idBytes: usize,
): void {
  memory.fill(dTable, 0, <usize>replicas * tableBytes);
  for (let r = 0; r < replicas; r++) {
    for (let b = 0; b < bags; b++) {
      const bag = ids + <usize>r * idBytes + (<usize>b * slots << 2);
      const from = dOut + (<usize>(r * bags + b) * width << 2);
      spread(dTable + <usize>r * tableBytes, from, 1, bag, weights, slots, width);
    }
  }
}

/**
 * One hop: `out` = `query` + sum_i p_i c_i, with p the softmax over the scores query . m_i of all sentences, the empty
 * ones included (their score is 0), or the scores themselves where `linear` is not 0.
 * @param out and query [replicas, queries, width].
 * @param attention the p_i, [replicas, queries, sentences]; those of empty sentences are left alone.
 * @param input table of the m_i, [replicas, words, width]; `output` that of the c_i.
 * @param ids [replicas or 1, queries, sentences, slots].
 * @param linear [replicas].
 * @param scratch room for `width` floats.
 */
export function memoryHop(
  out: usize,
  attention: usize,
  query: usize,
  input: usize,
  output: usize,
  ids: usize,
  weights: usize,
  linear: usize,
  scratch: usize,
  replicas: i32,
  queries: i32,
  sentences: i32,
  slots: i32,
  width: i32,
  tableBytes: usize,
  idBytes: usize,
): void {
  const bagBytes = <usize>slots << 2;
  const rowBytes = <usize>width << 2;
  for (let r = 0; r < replicas; r++) {
    const isLinear = load<f32>(linear + (r << 2)) != 0;
    const inputs = input + <usize>r * tableBytes;
    const outputs = output + <usize>r * tableBytes;
    for (let q = 0; q < queries; q++) {
      const at = <usize>(r * queries + q);
      const u = query + at * rowBytes;
      const o = out + at * rowBytes;
      const p = attention + at * (<usize>sentences << 2);
      const bags = ids + <usize>r * idBytes + <usize>q * <usize>sentences * bagBytes;
      const filled = countFilled(bags, sentences, slots);
      for (let i = 0; i < filled; i++) {
        embed(scratch, inputs, bags + <usize>i * bagBytes, weights, slots, width);
        store<f32>(p + (<usize>i << 2), dot(u, scratch, width));
      }
      if (!isLinear) softmax(p, filled, sentences);
      memory.copy(o, u, rowBytes);
      for (let i = 0; i < filled; i++) {
        embed(scratch, outputs, bags + <usize>i * bagBytes, weights, slots, width);
        addScaled(o, load<f32>(p + (<usize>i << 2)), scratch, width);
      }
    }
  }
}

/**
 * Gradients of `memoryHop` for `dOut` [replicas, queries, width]: `dQuery` of the same shape, `dInput` and `dOutput` like
 * the tables.
 * @param attention what `memoryHop` gave.
 * @param scratch room for 2 `width` + `sentences` floats.
 */
export function memoryHopGradient(
  dQuery: usize,
  dInput: usize,
  dOutput: usize,
  dOut: usize,
  attention: usize,
  query: usize,
  input: usize,
  output: usize,
  ids: usize,
  weights: usize,
  linear: usize,
  scratch: usize,
  replicas: i32,
  queries: i32,
  sentences: i32,
  slots: i32,
  width: i32,
  tableBytes: usize,
  idBytes: usize,
): void {
  const bagBytes = <usize>slots << 2;
  const rowBytes = <usize>width << 2;
  const embedding = scratch;
  const ds = scratch + rowBytes;
  memory.fill(dInput, 0, <usize>replicas * tableBytes);
  memory.fill(dOutput, 0, <usize>replicas * tableBytes);
  for (let r = 0; r < replicas; r++) {
    const isLinear = load<f32>(linear + (r << 2)) != 0;
    const table = <usize>r * tableBytes;
    for (let q = 0; q < queries; q++) {
      const at = <usize>(r * queries + q);
      const u = query + at * rowBytes;
      const du = dQuery + at * rowBytes;
      const dy = dOut + at * rowBytes;
      const p = attention + at * (<usize>sentences << 2);
      const bags = ids + <usize>r * idBytes + <usize>q * <usize>sentences * bagBytes;
      const filled = countFilled(bags, sentences, slots);
      // dp_i = c_i . dy; c_i also takes its gradient p_i dy.
      let mean: f32 = 0;
      for (let i = 0; i < filled; i++) {
        const bag = bags + <usize>i * bagBytes;
        const weight = load<f32>(p + (<usize>i << 2));
        embed(embedding, output + table, bag, weights, slots, width);
        const dp = dot(embedding, dy, width);
        store<f32>(ds + (<usize>i << 2), dp);
        mean += weight * dp;
        spread(dOutput + table, dy, weight, bag, weights, slots, width);
      }
      // Softmax: ds_i = p_i (dp_i - sum_j p_j dp_j); then du = dy + sum_i ds_i m_i and dm_i = ds_i u.
      memory.copy(du, dy, rowBytes);
      for (let i = 0; i < filled; i++) {
        const bag = bags + <usize>i * bagBytes;
        let d = load<f32>(ds + (<usize>i << 2));
        if (!isLinear) d = load<f32>(p + (<usize>i << 2)) * (d - mean);
        embed(embedding, input + table, bag, weights, slots, width);
        addScaled(du, d, embedding, width);
        spread(dInput + table, u, d, bag, weights, slots, width);
      }
    }
  }
}

/** Sentences before the first empty one; a sentence with nothing in its first slot is empty. */
// @ts-ignore: decorator
@inline
function countFilled(bags: usize, sentences: i32, slots: i32): i32 {
  let filled = 0;
  while (filled < sentences && load<i32>(bags + (<usize>(filled * slots) << 2)) != 0) filled++;
  return filled;
}

/** out = sum over slots j of weights[j] * table[ids[j]], `width` entries each; 16 at a time, summed up in registers. */
// @ts-ignore: decorator
@inline
function embed(out: usize, table: usize, ids: usize, weights: usize, slots: i32, width: i32): void {
  const rowBytes = <usize>width << 2;
  const lastId = ids + (<usize>slots << 2);
  let at: usize = 0;
  for (; at + 64 <= rowBytes; at += 64) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let weight = weights + at;
    for (let word = ids; word < lastId; word += 4, weight += rowBytes) {
      const id = load<i32>(word);
      if (id == 0) continue;
      const row = table + <usize>id * rowBytes + at;
      sum0 = f32x4.add(sum0, f32x4.mul(v128.load(weight), v128.load(row)));
      sum1 = f32x4.add(sum1, f32x4.mul(v128.load(weight, 16), v128.load(row, 16)));
      sum2 = f32x4.add(sum2, f32x4.mul(v128.load(weight, 32), v128.load(row, 32)));
      sum3 = f32x4.add(sum3, f32x4.mul(v128.load(weight, 48), v128.load(row, 48)));
    }
    v128.store(out + at, sum0);
    v128.store(out + at, sum1, 16);
    v128.store(out + at, sum2, 32);
    v128.store(out + at, sum3, 48);
  }
  for (; at < rowBytes; at += 4) {
    let sum: f32 = 0;
    let weight = weights + at;
    for (let word = ids; word < lastId; word += 4, weight += rowBytes)
      sum += load<f32>(weight) * load<f32>(table + <usize>load<i32>(word) * rowBytes + at);
    store<f32>(out + at, sum);
  }
}

/** The reverse of `embed`: table[ids[j]] += weights[j] * (scale * from), for every slot j in use. */
// @ts-ignore: decorator
@inline
function spread(
  table: usize,
  from: usize,
  scale: f32,
  ids: usize,
  weights: usize,
  slots: i32,
  width: i32,
): void {
  const scales = f32x4.splat(scale);
  const whole = <usize>(width & ~3) << 2;
  const end = <usize>width << 2;
  for (let j = 0; j < slots; j++) {
    const id = load<i32>(ids + (<usize>j << 2));
    if (id == 0) continue;
    const row = table + (<usize>(id * width) << 2);
    const weight = weights + (<usize>(j * width) << 2);
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const term = f32x4.mul(v128.load(weight + at), f32x4.mul(scales, v128.load(from + at)));
      v128.store(row + at, f32x4.add(v128.load(row + at), term));
    }
    for (; at < end; at += 4) {
      const term = load<f32>(weight + at) * (scale * load<f32>(from + at));
      store<f32>(row + at, load<f32>(row + at) + term);
    }
  }
}

// @ts-ignore: decorator
@inline
export function dot(a: usize, b: usize, width: i32): f32 {
  const whole = <usize>(width & ~3) << 2;
  const end = <usize>width << 2;
  let sums = f32x4.splat(0);
  let at: usize = 0;
  for (; at < whole; at += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  sums = f32x4.add(sums, v128.shuffle<i64>(sums, sums, 1, 0));
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1);
  for (; at < end; at += 4) sum += load<f32>(a + at) * load<f32>(b + at);
  return sum;
}

/** out += scale * x */
// @ts-ignore: decorator
@inline
export function addScaled(out: usize, scale: f32, x: usize, width: i32): void {
  const scales = f32x4.splat(scale);
  const whole = <usize>(width & ~3) << 2;
  const end = <usize>width << 2;
  let at: usize = 0;
  for (; at < whole; at += 16)
    v128.store(out + at, f32x4.add(v128.load(out + at), f32x4.mul(scales, v128.load(x + at))));
  for (; at < end; at += 4) store<f32>(out + at, load<f32>(out + at) + scale * load<f32>(x + at));
}

/** Turns the first `filled` of `count` scores into their softmax over all; those left out have a score of 0. */
function softmax(scores: usize, filled: i32, count: i32): void {
  let largest: f32 = filled < count ? 0 : -Infinity;
  for (let i = 0; i < filled; i++) largest = max(largest, load<f32>(scores + (<usize>i << 2)));
  // Of no empty sentence nothing is added: e^-largest may be infinite then, and 0 times that is NaN.
  let sum: f32 = filled < count ? <f32>(count - filled) * exponential(-largest) : 0;
  for (let i = 0; i < filled; i++) {
    const power = exponential(load<f32>(scores + (<usize>i << 2)) - largest);
    store<f32>(scores + (<usize>i << 2), power);
    sum += power;
  }
  for (let i = 0; i < filled; i++) {
    const at = scores + (<usize>i << 2);
    store<f32>(at, load<f32>(at) / sum);
  }
}

/** e^x for x <= 0, by Cephes' expf: x = n ln 2 + r, and a polynomial in r. Below -87 it is 0; NaN stays NaN. */
// @ts-ignore: decorator
@inline
function exponential(x: f32): f32 {
  if (x < -87) return 0;
  const n = nearest<f32>(x * 1.44269504088896341);
  const r = x - n * 0.693359375 - n * -2.12194440e-4;
  let polynomial: f32 = 1.9875691500e-4;
  polynomial = polynomial * r + 1.3981999507e-3;
  polynomial = polynomial * r + 8.3334519073e-3;
  polynomial = polynomial * r + 4.1665795894e-2;
  polynomial = polynomial * r + 1.6666665459e-1;
  polynomial = polynomial * r + 5.0000001201e-1;
  const power = reinterpret<f32>((<i32>n + 127) << 23);
  return x != x ? x : (polynomial * r * r + r + 1) * power;
}
