import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { dropout } from './dropout.js';
import { statelessUniform } from './stateless-random.js';

const seeds = () =>
  tf.tensor2d(
    [
      [1, 2],
      [3, 4],
    ],
    [2, 2],
    'int32',
  );

describe.each(['cpu', 'wasm'])('dropout on %s', (backend) => {
  it('drops what is below its replica’s rate, keeps what equals it, and scales the rest', async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await registerWasmKernels();
    const uniform = statelessUniform(seeds(), 1000).arraySync();
    // The second replica's rate is one of its own numbers, which must stay.
    const rates = tf.tensor1d([0.2, uniform[1]![500]!]);
    const found = dropout(tf.ones([2, 10, 100]), seeds(), rates)
      .reshape([2, 1000])
      .arraySync() as number[][];
    for (const [r, rate] of rates.arraySync().entries()) {
      const kept = Math.fround(1 / Math.fround(1 - rate));
      expect(found[r]).toEqual(uniform[r]!.map((u) => (u >= rate ? kept : 0)));
    }
    expect(found[1]![500]).toBeGreaterThan(0);
  });

  it('drops gradients where it dropped activities, with the same scale', async () => {
    await tf.setBackend(backend);
    const rates = tf.tensor1d([0.5, 0]);
    const x = tf.randomUniform([2, 1500]);
    const dy = tf.randomUniform([2, 1500]);
    const mask = dropout(tf.onesLike(x), seeds(), rates);
    const gradient = tf.grad((values) => dropout(values, seeds(), rates))(x, dy);
    expect(gradient.arraySync()).toEqual(tf.mul(dy, mask).arraySync());
    expect((tf.sum(mask, 1).arraySync() as number[]).map(Math.round)).not.toEqual([1500, 1500]);
  });

  it('changes nothing at a rate of 0', async () => {
    await tf.setBackend(backend);
    const x = tf.randomUniform([2, 50]);
    expect(dropout(x, seeds(), tf.zeros([2])).arraySync()).toEqual(x.arraySync());
  });
});
