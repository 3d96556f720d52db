import * as tf from '@tensorflow/tfjs-core';
import { boxMuller, fillWordsOfKey, generateKey, uniformFromWord } from './philox.js';

/**
 * What a random number is for. Each purpose is a stream of its own, so that both arms of a seed start from the same
 * weights and see the same batches, whatever else they draw.
 */
export type Purpose = 'init' | 'batches' | 'noise' | 'dropout' | 'task';

/** The order is part of every result: append, never reorder. */
const PURPOSES: readonly Purpose[] = ['init', 'batches', 'noise', 'dropout', 'task'];

/** Room for purposes in the first half of a seed, and for tensors in the second: both halves stay int32. */
const PURPOSE_SLOTS = 8;
const TENSOR_SLOTS = 1024;
/** Seeds, steps and tensors are below these. */
export const SEED_LIMIT = 2 ** 28;
export const STEP_LIMIT = 2 ** 21;
export const TENSOR_LIMIT = TENSOR_SLOTS;

/**
 * The int32 seed pair of one stream; different arguments never share a pair.
 * @param seed of the trial, below 2^28; 0 is a seed like any other.
 * @param step the update's number, from 0, below 2^21.
 * @param tensor which of several streams of that step, below 1024.
 * @throws RangeError when one is not an integer in its range.
 */
export function streamSeed(seed: number, purpose: Purpose, step = 0, tensor = 0): [number, number] {
  checkRange('seed', seed, SEED_LIMIT);
  checkRange('step', step, STEP_LIMIT);
  checkRange('tensor', tensor, TENSOR_LIMIT);
  return [seed * PURPOSE_SLOTS + PURPOSES.indexOf(purpose), step * TENSOR_SLOTS + tensor];
}

/** The seed pairs of a population's streams at step 0, int32 [R, 2]. The caller disposes it. */
export function streamSeeds(seeds: readonly number[], purpose: Purpose): tf.Tensor2D {
  return tf.tensor2d(
    seeds.flatMap((seed) => streamSeed(seed, purpose)),
    [seeds.length, 2],
    'int32',
  );
}

/**
 * `base`, the seed pairs of step 0 ([R, 2]), moved to `step` on the device: equals `streamSeed(seed, purpose, step, tensor)`
 * for every replica.
 * @param step int32 scalar below 2^21; it is on the device, so it is not checked.
 * @throws RangeError when `tensor` is not an integer below 1024.
 */
export function atStep(base: tf.Tensor2D, step: tf.Scalar, tensor = 0): tf.Tensor2D {
  checkRange('tensor', tensor, TENSOR_LIMIT);
  return tf.tidy(() => {
    const move = tf.mul(step, tf.tensor1d([0, TENSOR_SLOTS], 'int32'));
    const moved = tf.add(base, move);
    return (tensor === 0 ? moved : tf.add(moved, tf.tensor1d([0, tensor], 'int32'))) as tf.Tensor2D;
  });
}

const FIRST_WORDS = 16;
const MOST_WORDS = 8192;
const NO_WORDS = new Uint32Array(0);

/**
 * A stream read on the host, number by number. Words come in the order of the stream, so that draws of one kind equal
 * those of the device op: `uniform()` gives `statelessUniform`'s numbers, `normal()` gives `statelessNormal`'s.
 */
export class HostStream {
  readonly #key: Uint32Array;
  #words = NO_WORDS;
  /** How many of them are this stream's; others are left from before it was restarted. */
  #drawn = 0;
  #next = 0;
  #block = 0;
  /** Words are drawn in bulk, few at first: many streams are asked for a handful only. */
  #more = FIRST_WORDS;
  /** Of normals; there are many streams that never draw one. */
  #pair: Float32Array | undefined;
  #hasSpareNormal = false;

  /** @throws RangeError as `streamSeed` does. */
  constructor(seed: number, purpose: Purpose, step = 0, tensor = 0) {
    this.#key = generateKey(streamSeed(seed, purpose, step, tensor));
  }

  /**
   * Begins another stream, in the memory of this one: for those who read many.
   * @throws RangeError as `streamSeed` does.
   */
  restart(seed: number, purpose: Purpose, step = 0, tensor = 0): void {
    generateKey(streamSeed(seed, purpose, step, tensor), this.#key);
    this.#drawn = 0;
    this.#next = 0;
    this.#block = 0;
    this.#more = FIRST_WORDS;
    this.#hasSpareNormal = false;
  }

  /** The next 32 random bits, as a number in [0, 2^32). */
  word(): number {
    if (this.#next === this.#drawn) {
      this.#refill(this.#more);
      this.#more = Math.min(2 * this.#more, MOST_WORDS);
    }
    return this.#words[this.#next++]!;
  }

  /** A uniform in [0, 1), a multiple of 2^-23. */
  uniform(): number {
    return uniformFromWord(this.word());
  }

  /** A standard normal. */
  normal(): number {
    if (this.#hasSpareNormal) {
      this.#hasSpareNormal = false;
      return this.#pair![1]!;
    }
    this.#pair ??= new Float32Array(2);
    boxMuller(this.#pair, 0, this.word(), this.word());
    this.#hasSpareNormal = true;
    return this.#pair[0]!;
  }

  /**
   * A uniform integer in [0, n): TensorFlow's `word mod n`, made unbiased by skipping the words at the top of the range
   * that would favour small results.
   * @throws RangeError when `n` is not an integer from 1 to 2^32.
   */
  integer(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new RangeError(`integer(n) needs an integer n from 1 to 2^32, got ${n}`);
    }
    const divisor = n >>> 0;
    if (divisor === 0) return this.word();
    const last = lastAccepted(divisor);
    let word = this.word() >>> 0;
    while (word > last) {
      word = this.word() >>> 0;
    }
    return word % divisor;
  }

  /**
   * Fills the first `count` places of `out` with what `integer(n)` gives one after the other, in a fraction of the time.
   * @throws RangeError when `n` is not an integer from 1 to 2^32 - 1.
   */
  fillIntegers(out: Float64Array | Uint8Array, n: number, count = out.length): void {
    if (!Number.isInteger(n) || n < 1 || n >= 2 ** 32) {
      throw new RangeError(`fillIntegers(out, n) needs an integer n from 1 to 2^32 - 1, got ${n}`);
    }
    const divisor = n >>> 0;
    const last = lastAccepted(divisor);
    for (let done = 0; done < count; ) {
      if (this.#next === this.#drawn) {
        // Little more than is missing: what is drawn beyond that might never be read.
        this.#refill(Math.min(4 * Math.ceil((count - done) / 4) + 4, MOST_WORDS));
      }
      // In variables: this is how tables are drawn, number by number.
      const words = this.#words;
      const end = this.#drawn;
      let next = this.#next;
      while (next < end && done < count) {
        const word = words[next++]!;
        if (word <= last) out[done++] = word % divisor;
      }
      this.#next = next;
    }
  }

  /** A uniformly random order of 0 .. n-1 (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = new Int32Array(n);
    for (let i = 1; i < n; i++) {
      const j = this.integer(i + 1);
      order[i] = order[j]!;
      order[j] = i;
    }
    return order;
  }

  #refill(size: number): void {
    if (size > this.#words.length) {
      this.#words = new Uint32Array(size);
    }
    fillWordsOfKey(this.#words, size, this.#key, this.#block);
    this.#drawn = size;
    this.#block += size / 4;
    this.#next = 0;
  }
}

/**
 * The last word that does not favour small remainders, 2^32 - 2^32 mod n - 1: unsigned integers throughout, since a remainder of
 * doubles takes ten times as long.
 */
function lastAccepted(n: number): number {
  return ~((-n >>> 0) % n) >>> 0;
}

function checkRange(name: string, value: number, limit: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit) {
    throw new RangeError(`${name} must be an integer from 0 to ${limit - 1}, got ${value}`);
  }
}
