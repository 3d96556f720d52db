import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { addNoise } from './noise.js';
import { asOptimizer } from './optimizer.js';
import { annealed, constant } from './schedules.js';
import { sgd } from './sgd.js';
import { chain } from './transformation.js';
import { withGradientNoise } from './with-gradient-noise.js';

const loss = (x: tf.Variable) => () => tf.sum(tf.square(x)) as tf.Scalar;

describe('withGradientNoise', () => {
  it('moves a parameter without gradient by -rate * noise', () => {
    const x = tf.variable(tf.zeros([1000]));
    const optimizer = withGradientNoise(tf.train.sgd(0.5), constant(1), { seed: 3 });
    optimizer.minimize(() => tf.mul(tf.sum(x), 0) as tf.Scalar, false, [x]);
    const noise = addNoise(constant(1), { seed: 3 });
    const zero = [tf.zeros([1, 1000])];
    const [expected] = noise.update(zero, noise.init(zero), tf.scalar(0, 'int32')).updates;
    expect([...x.dataSync()].map((v) => v / -0.5)).toEqual([...expected!.dataSync()]);
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

  it('refuses to be put on twice', () => {
    const optimizer = withGradientNoise(tf.train.sgd(1), constant(1));
    expect(() => withGradientNoise(optimizer, constant(1))).toThrow('already has gradient noise');
  });
});

describe('asOptimizer', () => {
  it('makes a chain train a Keras-style model, and keeps no tensors of its steps', async () => {
    const optimizer = asOptimizer(chain(addNoise(annealed({ eta: 0.01 }), { seed: 2 }), sgd(0.1)));
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const x = tf.randomNormal([64, 2], 0, 1, 'float32', 1);
    const y = tf.sum(x, 1, true);
    await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0 });
    const before = tf.memory().numTensors;
    const { history } = await model.fit(x, y, { epochs: 40, batchSize: 16, verbose: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect(history.loss!.at(-1)).toBeLessThan(0.05);
  });

  it('equals the TensorFlow.js optimiser of the same name', () => {
    const ours = tf.variable(tf.tensor1d([1, 2]));
    const theirs = tf.variable(tf.tensor1d([1, 2]));
    const chained = asOptimizer(sgd(0.25));
    const stock = tf.train.sgd(0.25);
    for (let i = 0; i < 3; i++) {
      chained.minimize(loss(ours), false, [ours]);
      stock.minimize(loss(theirs), false, [theirs]);
    }
    expect(ours.dataSync()).toEqual(theirs.dataSync());
  });
});
