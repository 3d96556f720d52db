import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { sumOverTest, testParts } from './test-parts.js';

beforeAll(() => tf.setBackend('cpu'));

async function partsOf(...sizes: Parameters<typeof testParts>) {
  const parts: (readonly [number, number])[] = [];
  for await (const part of testParts(...sizes)) parts.push(part);
  return parts;
}

it('cuts a test set into parts that all replicas together can take, every item in one', async () => {
  expect(await partsOf(10, 4)).toEqual([
    [0, 4],
    [4, 8],
    [8, 10],
  ]);
  expect(await partsOf(4, 4, 2)).toEqual([
    [0, 2],
    [2, 4],
  ]);
});

it('takes items one by one where even one is more than was meant', async () => {
  expect(await partsOf(2, 3, 5)).toEqual([
    [0, 1],
    [1, 2],
  ]);
  expect(await partsOf(0, 3)).toEqual([]);
});

it('gives the event loop a turn after each part', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  for await (const _ of testParts(5, 1)) {
    const start = performance.now();
    while (performance.now() - start < 5);
  }
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(4);
});

it('sums what is found in the parts, and keeps no tensor, whether that works or not', async () => {
  const before = tf.memory().numTensors;
  const found = (from: number, to: number) => tf.tensor2d([[from, to - from]]).add(tf.zeros([1, 2]));
  expect(await sumOverTest(testParts(10, 4), found)).toEqual(Float32Array.of(12, 10));
  const failing = (from: number, to: number) => {
    if (from > 0) throw new Error('out of memory');
    return found(from, to);
  };
  await expect(sumOverTest(testParts(10, 4), failing)).rejects.toThrow('out of memory');
  expect(tf.memory().numTensors).toBe(before);
});
