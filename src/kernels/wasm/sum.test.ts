import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { useWasm } from './use-wasm.test-helper.js';

useWasm();

describe('tf.add on the wasm backend', () => {
  it.each([
    [
      [2, 3, 5],
      [2, 3, 5],
    ],
    [
      [2, 3, 5],
      [3, 5],
    ],
    [
      [4, 1],
      [1, 4],
    ],
    [[], []],
    [
      [0, 3],
      [0, 3],
    ],
  ])('adds %j and %j as the cpu backend does', async (a, b) => {
    const values = (shape: number[], factor: number) =>
      tf.mul(tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape), factor).arraySync();
    const run = () => tf.add(tf.tensor(values(a, 0.1), a), tf.tensor(values(b, -7), b));
    const found = run().arraySync();
    await tf.setBackend('cpu');
    expect(found).toEqual(run().arraySync());
    await tf.setBackend('wasm');
  });

  it('adds integers, and a tensor to itself', () => {
    const x = tf.tensor1d([1, 2, 3], 'int32');
    expect(tf.add(x, x).arraySync()).toEqual([2, 4, 6]);
    const y = tf.tensor1d([0.5, -1]);
    expect(tf.add(y, y).arraySync()).toEqual([1, -2]);
  });
});
