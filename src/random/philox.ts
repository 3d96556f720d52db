/**
 * Philox4x32-10 and the numbers TensorFlow's stateless ops derive from it, in plain TypeScript: the reference that the
 * fast kernels are tested against. Agrees with `tf.random.stateless_uniform` exactly and with
 * `tf.random.stateless_normal` to the last bits of log, sin and cos (within 4 units in the last place).
 *
 * Sources: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3" (2011); tensorflow/core/lib/random
 * `philox_random.h` and `random_distributions.h`; tensorflow/core/kernels `stateless_random_ops.cc`.
 *
 * A stream is addressed by its seed, two integers. Block b of it is four 32-bit words; a word is a uniform, a pair of
 * words is a pair of normals.
 */

/** The seed of a stream: two integers, each at most 2^53 in size (the streams of this program use int32). */
export type Seed = readonly [number, number];

const TWO_TO_32 = 4294967296;
const MANTISSA = 0x7fffff;
const MANTISSA_RANGE = 8388608;
/** TensorFlow's lower limit of the uniform under the logarithm: it only acts at 0, the next value is 2^-23. */
const SMALLEST_UNIFORM = Math.fround(1e-7);

/**
 * The Philox4x32 bijection of one counter, by default with ten rounds.
 * @param counter four words, least significant first.
 * @param key two words.
 */
export function philox(counter: ArrayLike<number>, key: ArrayLike<number>, rounds = 10): Uint32Array {
  const block = new Uint32Array(4);
  philoxInto(block, 0, counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!, rounds);
  return block;
}

/** TensorFlow's GenerateKey: scrambles a seed into `[key 0, key 1, counter word 2, counter word 3]`. */
export function generateKey([low, high]: Seed, key: Uint32Array = new Uint32Array(4)): Uint32Array {
  philoxInto(key, 0, low >>> 0, highWord(low), high >>> 0, highWord(high), 0x3ec8f720, 0x02461e29, 10);
  return key;
}

/** Fills `words` with the words of the stream `seed`, from block `firstBlock` on. */
export function fillWords(words: Uint32Array, seed: Seed, firstBlock = 0): void {
  fillWordsOfKey(words, words.length, generateKey(seed), firstBlock);
}

/** The same for the first `count` of `words`, of a seed's `generateKey`. */
export function fillWordsOfKey(
  words: Uint32Array,
  count: number,
  key: Uint32Array,
  firstBlock: number,
): void {
  const key0 = key[0]!;
  const key1 = key[1]!;
  const counter2 = key[2]!;
  const counter3 = key[3]!;
  const whole = count - (count % 4);
  for (let i = 0; i < whole; i += 4) {
    const block = firstBlock + i / 4;
    philoxInto(words, i, block >>> 0, highWord(block), counter2, counter3, key0, key1, 10);
  }
  if (whole < count) {
    const block = firstBlock + whole / 4;
    const last = philox([block >>> 0, highWord(block), counter2, counter3], [key0, key1]);
    words.set(last.subarray(0, count - whole), whole);
  }
}

/** The first `count` words of the stream from block `firstBlock` on. */
export function words(seed: Seed, count: number, firstBlock = 0): Uint32Array {
  const result = new Uint32Array(count);
  fillWords(result, seed, firstBlock);
  return result;
}

/** `count` uniforms in [0, 1), multiples of 2^-23, of the stream from block `firstBlock` on. */
export function uniforms(seed: Seed, count: number, firstBlock = 0): Float32Array {
  return Float32Array.from(words(seed, count, firstBlock), uniformFromWord);
}

/** `count` standard normals of the stream from block `firstBlock` on. */
export function normals(seed: Seed, count: number, firstBlock = 0): Float32Array {
  const bits = words(seed, count + (count % 2), firstBlock);
  const result = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i += 2) {
    boxMuller(result, i, bits[i]!, bits[i + 1]!);
  }
  return result.subarray(0, count);
}

/** A uniform in [0, 1) from the low 23 bits of a word, as TensorFlow takes them. */
export function uniformFromWord(word: number): number {
  return (word & MANTISSA) / MANTISSA_RANGE;
}

/** Two words to two standard normals, the sine first; every step rounds to float32 where TensorFlow does. */
export function boxMuller(result: Float32Array, at: number, radiusWord: number, angleWord: number): void {
  const uniform = Math.max(uniformFromWord(radiusWord), SMALLEST_UNIFORM);
  const angle = Math.fround(2 * Math.PI * uniformFromWord(angleWord));
  const radius = Math.fround(Math.sqrt(Math.fround(-2 * Math.fround(Math.log(uniform)))));
  result[at] = Math.fround(Math.sin(angle)) * radius;
  result[at + 1] = Math.fround(Math.cos(angle)) * radius;
}

/** Bits 32 to 63 of an integer in two's complement. */
function highWord(integer: number): number {
  return Math.floor(integer / TWO_TO_32) >>> 0;
}

/** One block, written to `out[at..at+3]`; everything by value, so that nothing is allocated per block. */
function philoxInto(
  out: Uint32Array,
  at: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  rounds: number,
): void {
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(0xd251, 0x1f53, c0);
    const high1 = multiplyHigh(0xcd9e, 0x8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** Bits 32 to 63 of (high * 2^16 + low) * word: a product of two 32-bit words does not fit a double. */
function multiplyHigh(high: number, low: number, word: number): number {
  const wordHigh = word >>> 16;
  const wordLow = word & 0xffff;
  const middle = high * wordLow + ((low * wordLow) >>> 16);
  const carry = low * wordHigh + (middle & 0xffff);
  return (high * wordHigh + (middle >>> 16) + (carry >>> 16)) | 0;
}
