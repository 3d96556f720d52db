import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { addNoise } from '../method/noise.js';
import { annealed, constant } from '../method/schedules.js';
import { withGradientNoise } from './with-gradient-noise.js';

const loss = (x: tf.Variable) => () => tf.sum(tf.square(x)) as tf.Scalar;

describe('withGradientNoise', () => {
  it('moves a parameter without gradient by -rate * noise', () => {
    const x = tf.variable(tf.zeros([1000]));
    const optimizer = withGradientNoise(tf.train.sgd(0.5), constant(1), { seed: 3 });
    optimizer.minimize(() => tf.mul(tf.sum(x), 0) as tf.Scalar, false, [x]);
    const noise = addNoise(constant(1), { seed: 3 });
    const zero = { x: tf.zeros([1, 1000]) };
    const { updates } = noise.update(zero, noise.init(zero), tf.scalar(0, 'int32'));
    expect([...x.dataSync()].map((v) => v / -0.5)).toEqual([...updates.x!.dataSync()]);
  });

  it('equals the plain optimiser bit for bit with eta 0', () => {
    const plain = tf.variable(tf.tensor1d([1, -2, 3]));
    const noisy = tf.variable(tf.tensor1d([1, -2, 3]));
    const one = tf.train.adam(0.1);
    const other = withGradientNoise(tf.train.adam(0.1), annealed({ eta: 0 }));
    for (let i = 0; i < 5; i++) {
      one.minimize(loss(plain), false, [plain]);
      other.minimize(loss(noisy), false, [noisy]);
    }
    expect(noisy.dataSync()).toEqual(plain.dataSync());
  });

  it('draws anew at every update', () => {
    const x = tf.variable(tf.zeros([2]));
    const optimizer = withGradientNoise(tf.train.sgd(1), constant(1));
    const seen = new Set<number>();
    for (let i = 0; i < 4; i++) {
      const before = x.dataSync()[0]!;
      optimizer.minimize(() => tf.mul(tf.sum(x), 0) as tf.Scalar, false, [x]);
      seen.add(x.dataSync()[0]! - before);
    }
    expect(seen.size).toBe(4);
  });

  it('trains through model.compile and model.fit, and keeps no tensors of its steps', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2], useBias: true })] });
    model.compile({
      optimizer: withGradientNoise(tf.train.sgd(0.1), annealed({ eta: 0.01 }), { seed: 1 }),
      loss: 'meanSquaredError',
    });
    const x = tf.randomNormal([64, 2], 0, 1, 'float32', 1);
    const y = tf.sum(x, 1, true);
    await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0, shuffle: false });
    const before = tf.memory().numTensors;
    const { history } = await model.fit(x, y, { epochs: 40, batchSize: 16, verbose: 0, shuffle: false });
    expect(tf.memory().numTensors).toBe(before);
    expect(history.loss!.at(-1)).toBeLessThan(0.05);
  });

  it('leaves the wrapped optimiser its places: a variable without a gradient rests, the others go on', () => {
    const make = (): [tf.Variable, tf.Variable] => [
      tf.variable(tf.tensor1d([1, 2])),
      tf.variable(tf.scalar(3)),
    ];
    const [plain, noisy] = [make(), make()];
    const one = tf.train.adam(0.1);
    const other = withGradientNoise(tf.train.adam(0.1), annealed({ eta: 0 }));
    for (const used of [[0, 1], [1], [0, 1], [0]] as const) {
      const lossOf = (variables: readonly tf.Variable[]) => () =>
        tf.addN(used.map((i) => tf.sum(tf.square(variables[i]!)))) as tf.Scalar;
      one.minimize(lossOf(plain), false, plain);
      other.minimize(lossOf(noisy), false, noisy);
      for (const i of [0, 1]) expect(noisy[i]!.dataSync()).toEqual(plain[i]!.dataSync());
    }
  });

  it('goes on where the optimiser is: its updates so far count, unless a start is given', () => {
    const draws = (updates: number, step?: number) => {
      const x = tf.variable(tf.zeros([8]));
      const optimizer = tf.train.sgd(1);
      const update = () => optimizer.minimize(() => tf.mul(tf.sum(x), 0) as tf.Scalar, false, [x]);
      for (let i = 0; i < updates; i++) update();
      withGradientNoise(optimizer, annealed({ eta: 1 }), { seed: 1, ...(step !== undefined && { step }) });
      update();
      return [...x.dataSync()];
    };
    expect(draws(3)).toEqual(draws(0, 3));
    expect(draws(3, 0)).toEqual(draws(0));
    expect(draws(3)).not.toEqual(draws(0));
  });

  it('draws for two optimisers apart, without seeds too', () => {
    const draws = () => {
      const x = tf.variable(tf.zeros([2]));
      withGradientNoise(tf.train.sgd(1), constant(1)).minimize(
        () => tf.mul(tf.sum(x), 0) as tf.Scalar,
        false,
        [x],
      );
      return x.dataSync()[0];
    };
    expect(draws()).not.toBe(draws());
  });

  it('refuses to be put on twice', () => {
    const optimizer = withGradientNoise(tf.train.sgd(1), constant(1));
    expect(() => withGradientNoise(optimizer, constant(1))).toThrow('already has gradient noise');
  });
});
