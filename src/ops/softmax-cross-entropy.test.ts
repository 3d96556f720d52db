import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { softmaxCrossEntropy } from './softmax-cross-entropy.js';

const logits = [
  [
    [0, 0, 0],
    [1, 2, 3],
  ],
  [
    [1000, 0, -1000],
    [-1000, 0, 1000],
  ],
];

describe.each(['cpu', 'wasm'])('softmaxCrossEntropy on the %s backend', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await registerWasmKernels();
  });

  const labels = () => tf.tensor2d([2, 0, 0, 0], [2, 2], 'int32');

  it('is the negative logarithm of what the softmax gives to the label, whatever the size of the logits', () => {
    const costs = softmaxCrossEntropy(tf.tensor3d(logits), labels()).dataSync();
    const expected = [Math.log(3), Math.log(Math.E + Math.E ** 2 + Math.E ** 3) - 1, 0, 2000];
    for (const [i, cost] of expected.entries()) expect(costs[i]).toBeCloseTo(cost, 5);
  });

  it('has softmax less label for a gradient', () => {
    const dy = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const gradient = tf.grad((z) => softmaxCrossEntropy(z as tf.Tensor3D, labels()))(tf.tensor3d(logits), dy);
    const target = tf.oneHot(labels(), 3);
    const expected = tf
      .sub(tf.softmax(tf.tensor3d(logits)), target)
      .mul(tf.expandDims(dy, 2))
      .dataSync();
    for (const [i, value] of gradient.dataSync().entries()) expect(value).toBeCloseTo(expected[i]!, 6);
  });
});
