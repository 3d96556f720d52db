import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { HostStream } from '../../random/streams.js';
import { registerWasmKernels } from './index.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

const numbers = new HostStream(1, 'task');
const random = (shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 2 * numbers.uniform() - 1),
    shape,
  );

/** Element [..., i, j] of a matrix batch that may be transposed and broadcast; slow and obvious. */
function entry(
  t: tf.TensorBuffer<tf.Rank>,
  batch: number[],
  i: number,
  j: number,
  transposed: boolean,
): number {
  const outer = t.shape.slice(0, -2);
  const own = outer.map((size, axis) => (size === 1 ? 0 : batch[axis + batch.length - outer.length]!));
  return t.get(...own, ...(transposed ? [j, i] : [i, j]));
}

function expectProduct(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): void {
  const c = tf.matMul(a, b, transposeA, transposeB);
  const k = a.shape.at(transposeA ? -2 : -1)!;
  const [left, right, out] = [a.bufferSync(), b.bufferSync(), c.bufferSync()];
  for (let at = 0; at < c.size; at++) {
    const place = out.indexToLoc(at);
    const [batch, i, j] = [place.slice(0, -2), place.at(-2)!, place.at(-1)!];
    let sum = 0;
    for (let l = 0; l < k; l++)
      sum += entry(left, batch, i, l, transposeA) * entry(right, batch, l, j, transposeB);
    if (!(Math.abs(out.get(...place) - sum) < 1e-6 * (k + 1)))
      throw new Error(`[${a.shape}] x [${b.shape}] at [${place}]: ${out.get(...place)}, expected ${sum}`);
  }
}

describe('matMul on the wasm backend', () => {
  const transposes = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;

  it.each(transposes)('equals a triple loop for shapes of all sizes (transposed: %s, %s)', (ta, tb) => {
    for (const m of [1, 2, 3, 4, 5, 8, 11])
      for (const k of [1, 2, 7, 32])
        for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 17])
          tf.tidy(() => expectProduct(random(ta ? [k, m] : [m, k]), random(tb ? [n, k] : [k, n]), ta, tb));
  });

  it.each(transposes)('broadcasts batch axes (transposed: %s, %s)', (ta, tb) => {
    const [m, k, n] = [5, 3, 6];
    const outer: [number[], number[]][] = [
      [[4], [4]],
      [[4], [1]],
      [[1], [4]],
      [
        [2, 1],
        [2, 3],
      ],
      [
        [2, 3],
        [1, 3],
      ],
      [
        [1, 3],
        [2, 1],
      ],
      [[3], [2, 3]],
      [[], [3]],
    ];
    for (const [a, b] of outer)
      tf.tidy(() =>
        expectProduct(
          random([...a, ...(ta ? [k, m] : [m, k])]),
          random([...b, ...(tb ? [n, k] : [k, n])]),
          ta,
          tb,
        ),
      );
  });

  it('has the derivatives of a product', () => {
    const [a, b, dc] = [random([2, 5, 9]), random([2, 9, 6]), random([2, 5, 6])];
    const [da, db] = tf.grads((a, b) => tf.matMul(a!, b!))([a, b], dc);
    const close = (x: tf.Tensor, y: tf.Tensor) => tf.max(tf.abs(tf.sub(x, y))).dataSync()[0]!;
    expect(close(da!, tf.matMul(dc, b, false, true))).toBe(0);
    expect(close(db!, tf.matMul(a, dc, true, false))).toBe(0);
  });

  it('gives a product bit for bit the same at any place of any batch', () => {
    const [a, b] = [random([5, 6, 20]), random([5, 20, 10])];
    const together = tf.matMul(a, b);
    for (let r = 0; r < 5; r++) {
      const alone = tf.matMul(a.slice([r], [1]), b.slice([r], [1]));
      expect(alone.dataSync()).toEqual(together.slice([r], [1]).dataSync());
    }
  });

  it('refuses integers, and shapes that do not fit', () => {
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow();
  });

  it('is empty, or zero, where a size is 0', () => {
    expect(tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])).shape).toEqual([0, 2]);
    expect([...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).dataSync()]).toEqual([0, 0, 0, 0]);
  });

  it('keeps only its output', () => {
    const [a, b] = [random([3, 5, 9]), random([3, 9, 6])];
    const before = tf.memory();
    tf.matMul(a, b).dispose();
    expect(tf.memory()).toEqual(before);
  });
});
