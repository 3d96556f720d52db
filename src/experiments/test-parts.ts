import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';

/**
 * Cuts a test set into parts that are small enough to be looked at in one pass. The event loop gets its turn after each, so
 * that a long test stops neither heartbeats nor signals.
 * @param most items of all replicas together in one pass.
 * @yields first item of a part, and the one after its last.
 */
export async function* testParts(
  count: number,
  most: number,
  replicas = 1,
): AsyncGenerator<readonly [from: number, to: number]> {
  const size = Math.max(1, Math.floor(most / replicas));
  for (let from = 0; from < count; from += size) {
    yield [from, Math.min(from + size, count)];
    await setImmediate();
  }
}

/**
 * The sum over all parts of what is found in each: on the device, so that it is read once.
 * @param figuresOf a part, tensors of one shape; runs inside a tidy.
 */
export async function sumOverTest(
  parts: AsyncIterable<readonly [from: number, to: number]>,
  figuresOf: (from: number, to: number) => tf.Tensor,
): Promise<Float32Array> {
  let sum: tf.Tensor = tf.scalar(0);
  try {
    for await (const [from, to] of parts) {
      const before = sum;
      sum = tf.tidy(() => tf.add(before, figuresOf(from, to)));
      before.dispose();
    }
    return (await sum.data()) as Float32Array;
  } finally {
    sum.dispose();
  }
}
