import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { averageSets, setsInUse, spread } from './relaxation.js';

// Two replicas of three sets of two numbers.
const sets = tf.tensor3d([
  [
    [1, 2],
    [3, 4],
    [8, 0],
  ],
  [
    [5, 5],
    [6, 7],
    [1, 3],
  ],
]);

describe('relaxed sets', () => {
  it('average where they are chosen to, and stay bit for bit elsewhere', () => {
    expect(averageSets(sets, tf.tensor1d([1, 0])).arraySync()).toEqual([
      [
        [4, 2],
        [4, 2],
        [4, 2],
      ],
      (sets.arraySync() as number[][][])[1],
    ]);
  });

  it('are all the first one where one is shared, and its gradient is the sum over all', () => {
    const shared = tf.tensor1d([0, 1]);
    expect(setsInUse(sets, shared).arraySync()).toEqual([
      (sets.arraySync() as number[][][])[0],
      [
        [5, 5],
        [5, 5],
        [5, 5],
      ],
    ]);
    const dy = tf.tensor3d([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6], [2, 3, 2]);
    expect(
      tf
        .grad((x) => setsInUse(x as tf.Tensor3D, shared))(sets, dy)
        .arraySync(),
    ).toEqual([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [
        [9, 12],
        [0, 0],
        [0, 0],
      ],
    ]);
  });

  it('are pulled towards their mean by twice their distance from it', () => {
    expect(spread(sets).arraySync()[0]).toBeCloseTo(9 + 1 + 16 + 0 + 4 + 4, 5);
    const gradient = tf.grad((x) => spread(x as tf.Tensor3D))(sets);
    const expected = tf.mul(tf.sub(sets, tf.mean(sets, 1, true)), 2);
    expect(tf.max(tf.abs(tf.sub(gradient, expected))).dataSync()[0]).toBeLessThan(1e-5);
  });
});
