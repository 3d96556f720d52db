import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { registerWasmKernels } from './index.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

it.each(['float32', 'int32', 'bool'] as const)(
  'gathers rows of %s tensors in any order, repeatedly',
  (dtype) => {
    const x = tf.tensor2d([1, 0, 1, 1, 0, 0], [3, 2], dtype);
    const rows = tf.gather(x, tf.tensor2d([2, 0, 0, 1], [2, 2], 'int32'));
    expect(rows.shape).toEqual([2, 2, 2]);
    expect(rows.dtype).toBe(dtype);
    expect([...rows.dataSync()]).toEqual([0, 0, 1, 0, 1, 0, 1, 1]);
  },
);

it('gathers numbers, not only rows', () => {
  const picked = tf.gather(tf.tensor1d([5, 6, 7]), tf.tensor1d([2, 2, 0], 'int32'));
  expect([...picked.dataSync()]).toEqual([7, 7, 5]);
});

it('leaves other axes to the stock kernel', () => {
  const picked = tf.gather(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor1d([1], 'int32'), 1);
  expect([...picked.dataSync()]).toEqual([2, 4]);
});

it('refuses an index outside the table', () => {
  expect(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([2], 'int32'))).toThrow('index 2 is not in [0, 2)');
});
