import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { squaredNorm } from './squared-norm.js';

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
});
