// Philox4x32-10 and TensorFlow's stateless uniforms and normals, for a chunk of numbers at a time: words are drawn into
// the workspace, converted there, and copied or added to where they belong.
// What the numbers are is told in src/random/philox.ts, the reference; here is only how they are computed fast.
import { logarithm } from './elementary';
import { loadLanes, storeLanes } from './vectors';
import { CHUNK, Constant, DoubleConstant, chunkOf, horner, splat, splatDouble } from './workspace';

/** Standard normals: row r of `out` [replicas, size] from seed r of `seeds` (int32 pairs). */
export function statelessNormals(out: usize, seeds: usize, replicas: i32, size: i32, workspace: usize): void {
  for (let r = 0; r < replicas; r++) {
    for (let i = 0; i < size; i += CHUNK) {
      const count = min(CHUNK, size - i);
      drawWords(workspace, seeds + (r << 3), i >> 2, count);
      wordsToNormals(workspace, count);
      memory.copy(out, chunkOf(workspace), count << 2);
      out += count << 2;
    }
  }
}

/** Uniforms in [0, 1): row r of `out` [replicas, size] from seed r of `seeds` (int32 pairs). */
export function statelessUniforms(out: usize, seeds: usize, replicas: i32, size: i32, workspace: usize): void {
  for (let r = 0; r < replicas; r++) {
    for (let i = 0; i < size; i += CHUNK) {
      const count = min(CHUNK, size - i);
      drawWords(workspace, seeds + (r << 3), i >> 2, count);
      wordsToUniforms(workspace, count);
      memory.copy(out, chunkOf(workspace), count << 2);
      out += count << 2;
    }
  }
}

/** `out` = `x` + deviation[r] * normals of seed r from block `firstBlock` on; both [replicas, size]. */
export function addStatelessNormals(
  out: usize,
  x: usize,
  seeds: usize,
  deviations: usize,
  replicas: i32,
  size: i32,
  firstBlock: u32,
  workspace: usize,
): void {
  for (let r = 0; r < replicas; r++) {
    const deviation = load<f32>(deviations + (r << 2));
    for (let i = 0; i < size; i += CHUNK) {
      const count = min(CHUNK, size - i);
      if (deviation == 0) {
        memory.copy(out, x, count << 2);
      } else {
        drawWords(workspace, seeds + (r << 3), firstBlock + (i >> 2), count);
        wordsToNormals(workspace, count);
        addChunk(workspace, out, x, deviation, count);
      }
      out += count << 2;
      x += count << 2;
    }
  }
}

/** `out` = `x` + scale * chunk; product and sum are rounded one after the other, as in the reference. */
function addChunk(workspace: usize, out: usize, x: usize, scale: f32, count: i32): void {
  const scales = f32x4.splat(scale);
  let from = chunkOf(workspace);
  for (let rest = count; rest > 0; rest -= 4) {
    storeLanes(out, f32x4.add(loadLanes(x, rest), f32x4.mul(scales, v128.load(from))), rest);
    out += 16;
    x += 16;
    from += 16;
  }
}

/**
 * Fills the chunk with at least `count` words of a stream, from block `firstBlock` on: of every four blocks first the four
 * words 0, then the words 1, and so on. Two groups of four blocks at a time: the ten rounds are one long chain of
 * dependent instructions, and two chains hide each other's latency.
 */
export function drawWords(workspace: usize, seed: usize, firstBlock: u32, count: i32): void {
  const key = generateKey(seed, false);
  const counter = generateKey(seed, true);
  const key0 = i32x4.splat(<i32>key);
  const key1 = i32x4.splat(<i32>(key >> 32));
  const counter2 = i32x4.splat(<i32>counter);
  const counter3 = i32x4.splat(<i32>(counter >> 32));
  const multiplier0 = splat(workspace, Constant.Multiplier0);
  const multiplier1 = splat(workspace, Constant.Multiplier1);
  const keyStep0 = splat(workspace, Constant.KeyStep0);
  const keyStep1 = splat(workspace, Constant.KeyStep1);
  let blocks = i32x4.add(i32x4.splat(firstBlock), i32x4(0, 1, 2, 3));
  let to = chunkOf(workspace);

  for (let rest = count; rest > 0; rest -= 32) {
    let a0 = blocks;
    let a1 = i32x4.splat(0);
    let a2 = counter2;
    let a3 = counter3;
    let b0 = i32x4.add(blocks, i32x4.splat(4));
    let b1 = i32x4.splat(0);
    let b2 = counter2;
    let b3 = counter3;
    let k0 = key0;
    let k1 = key1;
    for (let round = 0; round < 10; round++) {
      let even0 = i64x2.extmul_low_i32x4_u(a0, multiplier0);
      let odd0 = i64x2.extmul_high_i32x4_u(a0, multiplier0);
      let even1 = i64x2.extmul_low_i32x4_u(a2, multiplier1);
      let odd1 = i64x2.extmul_high_i32x4_u(a2, multiplier1);
      a0 = v128.xor(highWords(even1, odd1), v128.xor(a1, k0));
      a1 = lowWords(even1, odd1);
      a2 = v128.xor(highWords(even0, odd0), v128.xor(a3, k1));
      a3 = lowWords(even0, odd0);

      even0 = i64x2.extmul_low_i32x4_u(b0, multiplier0);
      odd0 = i64x2.extmul_high_i32x4_u(b0, multiplier0);
      even1 = i64x2.extmul_low_i32x4_u(b2, multiplier1);
      odd1 = i64x2.extmul_high_i32x4_u(b2, multiplier1);
      b0 = v128.xor(highWords(even1, odd1), v128.xor(b1, k0));
      b1 = lowWords(even1, odd1);
      b2 = v128.xor(highWords(even0, odd0), v128.xor(b3, k1));
      b3 = lowWords(even0, odd0);

      k0 = i32x4.add(k0, keyStep0);
      k1 = i32x4.add(k1, keyStep1);
    }
    blocks = i32x4.add(blocks, i32x4.splat(8));
    storeFour(to, a0, a1, a2, a3);
    storeFour(to + 64, b0, b1, b2, b3);
    to += 128;
  }
}

// @ts-ignore: decorator
@inline
function lowWords(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function highWords(even: v128, odd: v128): v128 {
  return v128.shuffle<i32>(even, odd, 1, 3, 5, 7);
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(to, v0);
  v128.store(to, v1, 16);
  v128.store(to, v2, 32);
  v128.store(to, v3, 48);
}

/** Stores what became of four blocks in the order of the stream: block after block, four numbers each. */
// @ts-ignore: decorator
@inline
function storeBlocks(to: usize, f0: v128, f1: v128, f2: v128, f3: v128): void {
  const low01 = v128.shuffle<i32>(f0, f1, 0, 4, 1, 5);
  const high01 = v128.shuffle<i32>(f0, f1, 2, 6, 3, 7);
  const low23 = v128.shuffle<i32>(f2, f3, 0, 4, 1, 5);
  const high23 = v128.shuffle<i32>(f2, f3, 2, 6, 3, 7);
  storeFour(
    to,
    v128.shuffle<i64>(low01, low23, 0, 2),
    v128.shuffle<i64>(low01, low23, 1, 3),
    v128.shuffle<i64>(high01, high23, 0, 2),
    v128.shuffle<i64>(high01, high23, 1, 3),
  );
}

/** TensorFlow's GenerateKey: of the mixed block the low half is the key, the high half words 2 and 3 of the counter. */
function generateKey(seed: usize, high: bool): u64 {
  const s0 = <i64>load<i32>(seed);
  const s1 = <i64>load<i32>(seed, 4);
  let c0 = <u32>s0;
  let c1 = <u32>(s0 >> 32);
  let c2 = <u32>s1;
  let c3 = <u32>(s1 >> 32);
  let k0: u32 = 0x3ec8f720;
  let k1: u32 = 0x02461e29;
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>c0 * 0xd2511f53;
    const product1 = <u64>c2 * 0xcd9e8d57;
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
    c1 = <u32>product1;
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
    c3 = <u32>product0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  return high ? (<u64>c3 << 32) | c2 : (<u64>c1 << 32) | c0;
}

/** As many numbers of the chunk as are asked for, in the order of the stream. */
export function wordsToUniforms(workspace: usize, count: i32): void {
  let at = chunkOf(workspace);
  for (let rest = count; rest > 0; rest -= 16) {
    const u0 = uniform(workspace, v128.load(at));
    const u1 = uniform(workspace, v128.load(at, 16));
    const u2 = uniform(workspace, v128.load(at, 32));
    const u3 = uniform(workspace, v128.load(at, 48));
    storeBlocks(at, u0, u1, u2, u3);
    at += 64;
  }
}

/** Box-Muller on four blocks at a time: words 0 and 2 give a radius, words 1 and 3 the angle that goes with it. */
export function wordsToNormals(workspace: usize, count: i32): void {
  let at = chunkOf(workspace);
  for (let rest = count; rest > 0; rest -= 16) {
    const radii0 = radius(workspace, v128.load(at));
    const angles0 = v128.and(v128.load(at, 16), splat(workspace, Constant.Mantissa));
    const turns0 = quarterTurns(workspace, angles0);
    const reduced0 = reducedAngle(workspace, angles0, turns0);
    const square0 = f32x4.mul(reduced0, reduced0);
    const sines0 = sine(workspace, reduced0, square0);
    const cosines0 = cosine(workspace, square0);
    const radii1 = radius(workspace, v128.load(at, 32));
    const angles1 = v128.and(v128.load(at, 48), splat(workspace, Constant.Mantissa));
    const turns1 = quarterTurns(workspace, angles1);
    const reduced1 = reducedAngle(workspace, angles1, turns1);
    const square1 = f32x4.mul(reduced1, reduced1);
    const sines1 = sine(workspace, reduced1, square1);
    const cosines1 = cosine(workspace, square1);
    // A cosine is the sine a quarter turn on.
    const one = splat(workspace, Constant.IntegerOne);
    storeBlocks(
      at,
      f32x4.mul(turned(workspace, sines0, cosines0, turns0), radii0),
      f32x4.mul(turned(workspace, sines0, cosines0, i32x4.add(turns0, one)), radii0),
      f32x4.mul(turned(workspace, sines1, cosines1, turns1), radii1),
      f32x4.mul(turned(workspace, sines1, cosines1, i32x4.add(turns1, one)), radii1),
    );
    at += 64;
  }
}

/** The number of quarter turns nearest to each angle, 0 to 4; an angle is given in units of 2^-23 turns. */
// @ts-ignore: decorator
@inline
function quarterTurns(workspace: usize, angles: v128): v128 {
  return i32x4.shr_u(i32x4.add(angles, splat(workspace, Constant.HalfQuadrant)), 21);
}

/** The low 23 bits of each word as a multiple of 2^-23 in [0, 1). */
// @ts-ignore: decorator
@inline
function uniform(workspace: usize, words: v128): v128 {
  const mantissas = v128.and(words, splat(workspace, Constant.Mantissa));
  return f32x4.sub(v128.or(mantissas, splat(workspace, Constant.One)), splat(workspace, Constant.One));
}

/** sqrt(-2 ln u), u clamped at 1e-7. */
// @ts-ignore: decorator
@inline
function radius(workspace: usize, words: v128): v128 {
  const u = f32x4.pmax(uniform(workspace, words), splat(workspace, Constant.SmallestUniform));
  return f32x4.sqrt(f32x4.mul(logarithm(workspace, u), splat(workspace, Constant.MinusTwo)));
}

/**
 * The angles float32(2 pi u) less `turns` quarter turns, in [-pi/4, pi/4]. In double precision: near a multiple of pi
 * the sine is the rounding error of that float32, and TensorFlow's numbers contain it.
 * @param mantissas u, in units of 2^-23.
 */
// @ts-ignore: decorator
@inline
function reducedAngle(workspace: usize, mantissas: v128, turns: v128): v128 {
  const low = reducedPair(workspace, mantissas, turns);
  const high = reducedPair(workspace, upperHalf(mantissas), upperHalf(turns));
  return v128.shuffle<i64>(low, high, 0, 2);
}

// @ts-ignore: decorator
@inline
function reducedPair(workspace: usize, mantissas: v128, turns: v128): v128 {
  const exact = f64x2.mul(f64x2.convert_low_i32x4_s(mantissas), splatDouble(workspace, DoubleConstant.AngleUnit));
  const angle = f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(exact));
  const nearest = f64x2.mul(f64x2.convert_low_i32x4_s(turns), splatDouble(workspace, DoubleConstant.QuarterTurn));
  return f32x4.demote_f64x2_zero(f64x2.sub(angle, nearest));
}

// @ts-ignore: decorator
@inline
function upperHalf(lanes: v128): v128 {
  return v128.shuffle<i64>(lanes, lanes, 1, 1);
}

/** Cephes' sinf on [-pi/4, pi/4]. */
// @ts-ignore: decorator
@inline
function sine(workspace: usize, x: v128, square: v128): v128 {
  let polynomial = splat(workspace, Constant.Sine0);
  polynomial = horner(workspace, polynomial, square, Constant.Sine1);
  polynomial = horner(workspace, polynomial, square, Constant.Sine2);
  return f32x4.add(f32x4.mul(f32x4.mul(polynomial, square), x), x);
}

/** Cephes' cosf on [-pi/4, pi/4]. */
// @ts-ignore: decorator
@inline
function cosine(workspace: usize, square: v128): v128 {
  let polynomial = splat(workspace, Constant.Cosine0);
  polynomial = horner(workspace, polynomial, square, Constant.Cosine1);
  polynomial = horner(workspace, polynomial, square, Constant.Cosine2);
  const start = f32x4.sub(splat(workspace, Constant.One), f32x4.mul(square, splat(workspace, Constant.Half)));
  return f32x4.add(f32x4.mul(f32x4.mul(polynomial, square), square), start);
}

/** The sine after `turns` quarter turns: the cosine after an odd number, negated after two or three. */
// @ts-ignore: decorator
@inline
function turned(workspace: usize, sine: v128, cosine: v128, turns: v128): v128 {
  const odd = i32x4.neg(v128.and(turns, splat(workspace, Constant.IntegerOne)));
  const sign = i32x4.shl(i32x4.shr_u(turns, 1), 31);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}
