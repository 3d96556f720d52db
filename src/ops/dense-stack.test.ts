import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { composedDenseStack, type DenseLayer, denseStack } from './dense-stack.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

const random = (...shape: number[]) =>
  tf.randomNormal(shape, 0, 0.6, 'float32', shape.length + shape.at(-1)!);

/** Weights and biases of layers of these widths. */
const weightsOf = (R: number, widths: readonly number[]) =>
  widths.slice(1).flatMap((outputs, l) => [random(R, widths[l]!, outputs), random(R, outputs)]);

const layersOf = (weights: readonly tf.Tensor[]): DenseLayer[] =>
  Array.from({ length: weights.length / 2 }, (_, l) => ({
    w: weights[2 * l] as tf.Tensor3D,
    b: weights[2 * l + 1] as tf.Tensor2D,
  }));

describe('a stack of dense layers', () => {
  it.each([
    [1, 1, [784, 50, 50, 50, 10]],
    [3, 3, [17, 33, 4, 10]],
    [3, 1, [20, 10]],
    [2, 2, [5, 1, 1, 64, 3]],
  ])(
    'of %i replicas on data for %i has the bits of the layers one by one, forwards and backwards',
    (R, inputs, widths) => {
      const x = random(inputs, 30, widths[0]!) as tf.Tensor3D;
      const weights = weightsOf(R, widths);
      const dy = random(R, 30, widths.at(-1)!);
      const run = (stack: typeof denseStack) => {
        const value = stack(x, layersOf(weights));
        const gradients = tf.grads((...w: tf.Tensor[]) => stack(x, layersOf(w)))(weights, dy);
        return [value, ...gradients].map((tensor) => tensor.dataSync());
      };
      expect(run(denseStack)).toEqual(run(composedDenseStack));
    },
  );

  it('takes two kernel calls, whatever the number of layers', async () => {
    const x = random(2, 5, 6) as tf.Tensor3D;
    const weights = weightsOf(2, [6, 5, 4, 3, 2]);
    const { kernelNames } = await tf.profile(
      () => tf.grads((...w: tf.Tensor[]) => denseStack(x, layersOf(w)))(weights)[0]!,
    );
    expect(kernelNames.filter((name) => /Dense|MatMul|Relu|Bias/.test(name))).toEqual([
      'DenseStack',
      'DenseStackGradient',
    ]);
  });

  it('keeps NaN, so that divergence is seen', () => {
    const x = tf.fill([1, 2, 3], Number.NaN) as tf.Tensor3D;
    expect(denseStack(x, layersOf(weightsOf(1, [3, 4, 2]))).dataSync()).toEqual(
      new Float32Array(4).fill(Number.NaN),
    );
  });

  it.each([
    [
      'a width',
      [
        [2, 6, 5],
        [2, 5],
        [2, 4, 3],
        [2, 3],
      ],
      [2, 7, 6],
    ],
    [
      'the replicas',
      [
        [2, 6, 5],
        [2, 5],
        [3, 5, 3],
        [3, 3],
      ],
      [2, 7, 6],
    ],
    [
      'the data',
      [
        [2, 6, 5],
        [2, 5],
      ],
      [2, 7, 5],
    ],
    [
      'a bias',
      [
        [2, 6, 5],
        [2, 4],
      ],
      [2, 7, 6],
    ],
  ])('refuses layers that do not fit: %s', (_, shapes, data) => {
    const weights = shapes.map((shape) => tf.zeros(shape));
    expect(() => denseStack(tf.zeros(data as [number, number, number]), layersOf(weights))).toThrow(
      /denseStack needs .*; it got /,
    );
  });
});
