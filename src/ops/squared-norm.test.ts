import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { norms, squaredNorm } from './squared-norm.js';

describe.each(['cpu', 'wasm'])('squaredNorm on the %s backend', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await registerWasmKernels();
  });

  it.each([[[3, 5]], [[2, 4, 4]], [[4]], [[1, 1001]]])('sums the squares of each replica of %j', (shape) => {
    const x = tf.randomUniform(shape, -1, 1, 'float32', 1);
    const expected = tf.sum(tf.square(x.reshape([shape[0]!, -1])), 1);
    const difference = tf.max(tf.abs(tf.sub(squaredNorm(x), expected).div(expected))).dataSync()[0]!;
    expect(difference).toBeLessThan(1e-6);
  });

  it('gives the norms of groups of tensors, each replica on its own', () => {
    const [a, b] = [tf.tensor2d([[3], [0.3]]), tf.tensor3d([[[4]], [[0.4]]])];
    const found = norms([[a, b], [b]]);
    expect(found.shape).toEqual([2, 2]);
    for (const [i, value] of [5, 0.5, 4, 0.4].entries()) expect(found.dataSync()[i]).toBeCloseTo(value, 6);
  });

  it('has the norm wherever float32 can hold it, and infinity beyond', () => {
    const largest = 3.4028234663852886e38;
    const x = tf.tensor2d([
      [1e19, 1e19],
      [largest, 0],
      [largest / 2, largest / 2],
      [largest, largest],
      [1e-15, 0],
    ]);
    const found = [...norms([[x]]).dataSync()];
    const expected = [Math.SQRT2 * 1e19, largest, largest / Math.SQRT2, Number.POSITIVE_INFINITY, 1e-15];
    for (const [i, value] of expected.entries())
      if (Number.isFinite(value)) expect(found[i]! / value).toBeCloseTo(1, 6);
      else expect(found[i]).toBe(value);
  });
});
