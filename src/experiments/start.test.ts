import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { statelessNormal } from '../ops/stateless-random.js';
import { streamSeeds } from '../random/streams.js';
import { scaled, startNormals, startUniforms } from './start.js';

beforeAll(() => tf.setBackend('cpu'));

const shapes = [[2, 3], [4], [1, 1]];

it("takes the numbers of all tensors from each replica's stream, one after the other", () => {
  const stream = statelessNormal(streamSeeds([7], 'init'), 11).dataSync();
  const tensors = startNormals([5, 7], shapes);
  expect(tensors.map(({ shape }) => shape)).toEqual([
    [2, 2, 3],
    [2, 4],
    [2, 1, 1],
  ]);
  const second = tensors.flatMap((t) => [...tf.slice(t, [1], [1]).dataSync()]);
  expect(second).toEqual([...stream]);
});

it('has uniform numbers between -1 and 1', () => {
  const values = startUniforms([1], [[1000]])[0]!.dataSync();
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
  expect(Math.min(...values)).toBeLessThan(-0.95);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(Math.max(...values)).toBeGreaterThan(0.95);
});

it("multiplies each replica's part by its own factor", () => {
  const x = tf.ones([2, 1, 3]);
  expect(scaled(x, [2, -1]).arraySync()).toEqual([[[2, 2, 2]], [[-1, -1, -1]]]);
});
