import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { dense } from './dense.js';

const [R, B, I, O] = [3, 7, 9, 6];
const random = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed);
const layer = (inputs = R) => ({
  x: random([inputs, B, I], 1) as tf.Tensor3D,
  w: random([R, I, O], 2) as tf.Tensor3D,
  b: random([R, O], 3) as tf.Tensor2D,
});
const largestDifference = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

/** The same layer from TensorFlow.js's own differentiable ops, one replica at a time. */
function composed(x: tf.Tensor, w: tf.Tensor, b: tf.Tensor, relu: boolean): tf.Tensor {
  const one = (t: tf.Tensor, r: number, shape: number[]) =>
    t.slice([t.shape[0] === 1 ? 0 : r], [1]).reshape(shape);
  return tf.stack(
    Array.from({ length: R }, (_, r) => {
      const z = tf.matMul(one(x, r, [B, I]), one(w, r, [I, O])).add(one(b, r, [O]));
      return relu ? z.relu() : z;
    }),
  );
}

describe.each(['cpu', 'wasm'])('dense on the %s backend', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await registerWasmKernels();
  });

  it.each([
    ['relu', R],
    ['linear', R],
    ['relu', 1],
    ['linear', 1],
  ] as const)(
    'agrees with a composition of ops in value and gradients (%s, %d inputs)',
    (activation, inputs) => {
      const { x, w, b } = layer(inputs);
      const dy = random([R, B, O], 4);
      const ours = tf.valueAndGrads((...[x, w, b]: tf.Tensor[]) =>
        dense(x as tf.Tensor3D, w as tf.Tensor3D, b as tf.Tensor2D, activation)
          .mul(dy)
          .sum(),
      )([x, w, b]);
      const theirs = tf.valueAndGrads((...[x, w, b]: tf.Tensor[]) =>
        composed(x!, w!, b!, activation === 'relu')
          .mul(dy)
          .sum(),
      )([x, w, b]);
      expect(largestDifference(ours.value, theirs.value)).toBeLessThan(1e-4);
      ours.grads.forEach((gradient, i) => {
        expect(gradient.shape).toEqual([x, w, b][i]!.shape);
        expect(largestDifference(gradient, theirs.grads[i]!)).toBeLessThan(1e-5);
      });
    },
  );

  it('agrees with finite differences', () => {
    const { x, w, b } = layer();
    const loss = (w: tf.Tensor) =>
      dense(x, w as tf.Tensor3D, b, 'relu')
        .square()
        .sum() as tf.Scalar;
    const gradient = tf.grad(loss)(w);
    const direction = random([R, I, O], 5);
    const h = 1e-3;
    const slope = loss(w.add(direction.mul(h)))
      .sub(loss(w.sub(direction.mul(h))))
      .div(2 * h)
      .dataSync()[0]!;
    const expected = gradient.mul(direction).sum().dataSync()[0]!;
    expect(Math.abs(slope - expected)).toBeLessThan(2e-3 * Math.max(1, Math.abs(expected)));
  });

  it('has no gradient at 0 under relu', () => {
    const { x, w, b } = layer();
    const zero = tf.zerosLike(w);
    const gradient = tf.grad((w) => dense(x, w as tf.Tensor3D, tf.zerosLike(b), 'relu').sum())(zero);
    expect(tf.max(tf.abs(gradient)).dataSync()[0]).toBe(0);
  });

  it('keeps a NaN visible', () => {
    const { x, w, b } = layer();
    const y = dense(x.mul(Number.NaN), w, b, 'relu');
    expect(y.dataSync().every(Number.isNaN)).toBe(true);
  });

  it('skips the gradient of data, and gives the same others', () => {
    const { x, w, b } = layer();
    const gradients = (inputIsData: boolean) =>
      tf.grads((...[w, b]: tf.Tensor[]) =>
        dense(x, w as tf.Tensor3D, b as tf.Tensor2D, 'relu', { inputIsData })
          .square()
          .sum(),
      )([w, b]);
    const [skipped, full] = [gradients(true), gradients(false)];
    skipped.forEach((gradient, i) => {
      expect(gradient.dataSync()).toEqual(full[i]!.dataSync());
    });
  });

  it('gives each replica bit for bit what it gets alone, forward and backward', () => {
    const { x, w, b } = layer();
    const run = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => {
      const all = tf.valueAndGrads((...[x, w, b]: tf.Tensor[]) =>
        dense(x as tf.Tensor3D, w as tf.Tensor3D, b as tf.Tensor2D, 'relu').square(),
      )([x, w, b]);
      return [all.value, ...all.grads];
    };
    const together = run(x, w, b);
    for (let r = 0; r < R; r++) {
      const [ownX, ownW, ownB] = [x, w, b].map((t) => t.slice([r], [1])) as [tf.Tensor, tf.Tensor, tf.Tensor];
      run(ownX, ownW, ownB).forEach((alone, i) => {
        expect(alone.dataSync()).toEqual(together[i]!.slice([r], [1]).dataSync());
      });
    }
  });

  it('leaves no tensors behind', () => {
    const { x, w, b } = layer();
    const before = tf.memory();
    for (let i = 0; i < 3; i++) {
      const { value, grads } = tf.valueAndGrads((...[x, w, b]: tf.Tensor[]) =>
        dense(x as tf.Tensor3D, w as tf.Tensor3D, b as tf.Tensor2D, i ? 'relu' : 'linear')
          .square()
          .sum(),
      )([x, w, b]);
      tf.dispose([value, grads]);
    }
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });
});
