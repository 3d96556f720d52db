import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { lstmCell } from './lstm-cell.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await tf.ready();
  await registerWasmKernels();
});

describe('the LSTM kernel', () => {
  // Units that are no multiple of the kernel's four lanes, too few for it, and saturated gates.
  it.each([
    [3, 32, 1],
    [2, 7, 3],
    [5, 9, 60],
    [2, 3, 1],
  ])('gives values and gradients of the ops: %d rows, %d units, scale %d', async (rows, units, scale) => {
    const normals = (columns: number, seed: number) =>
      tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 1, 'float32', seed).arraySync();
    const [gates, cell, weights] = [normals(4 * units, 1), normals(units, 2), normals(units, 3)];
    const compute = async (backend: string) => {
      await tf.setBackend(backend);
      const loss = (g: tf.Tensor, c: tf.Tensor) => {
        const [output, newCell] = lstmCell(g, c);
        return tf.sum(tf.mul(tf.add(output, tf.square(newCell)), weights));
      };
      const inputs = [tf.mul(tf.tensor(gates), scale), tf.tensor(cell)] as [tf.Tensor, tf.Tensor];
      const tensors = [...lstmCell(...inputs), ...tf.grads(loss)(inputs)];
      return tensors.map((tensor) => [...tensor.dataSync()]);
    };
    const [fused, reference] = [await compute('wasm'), await compute('cpu')];
    for (const [i, values] of reference.entries())
      for (const [j, value] of values.entries())
        expect(Math.abs(fused[i]![j]! - value)).toBeLessThan(1e-6 * (1 + Math.abs(value)));
  });
});
