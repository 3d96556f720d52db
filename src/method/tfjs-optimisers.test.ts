import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { asOptimizer } from './as-optimizer.js';
import { clipByGlobalNorm } from './clip.js';
import { addNoise } from './noise.js';
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

  describe('knows variables by name', () => {
    const whole = () =>
      chain(clipByGlobalNorm(1), addNoise(annealed({ eta: 0.1 }), { seed: 4 }), adam({ rate: 0.1 }));
    let sets = 0;
    const variables = () => {
      sets += 1;
      return {
        a: tf.variable(tf.tensor1d([1, -2, 3]), true, `a${sets}`),
        b: tf.variable(tf.tensor2d([[0.5, 4]]), true, `b${sets}`),
        c: tf.variable(tf.scalar(-1), true, `c${sets}`),
      };
    };
    type Name = keyof ReturnType<typeof variables>;
    /** One update on the gradient of the squared norm, with respect to some of the variables, in this order. */
    const update = (optimizer: tf.Optimizer, own: ReturnType<typeof variables>, names: readonly Name[]) =>
      optimizer.minimize(
        () => tf.addN(names.map((name) => tf.sum(tf.square(own[name])))) as tf.Scalar,
        false,
        names.map((name) => own[name]),
      );
    const values = (own: ReturnType<typeof variables>) =>
      Object.fromEntries(Object.entries(own).map(([name, variable]) => [name, [...variable.dataSync()]]));

    it('in whatever order they come', () => {
      const [straight, turned] = [variables(), variables()];
      const [one, other] = [asOptimizer(whole()), asOptimizer(whole())];
      update(one, straight, ['a', 'b', 'c']);
      update(other, turned, ['a', 'b', 'c']);
      update(one, straight, ['a', 'b', 'c']);
      update(other, turned, ['c', 'a', 'b']);
      expect(values(turned)).toEqual(values(straight));
    });

    it('when one joins later, and when one has no gradient for a while', () => {
      const own = variables();
      const optimizer = asOptimizer(whole());
      update(optimizer, own, ['a', 'b']);
      const resting = values(own).a;
      update(optimizer, own, ['b', 'c']);
      expect(values(own).a).toEqual(resting);
      const before = tf.memory().numTensors;
      update(optimizer, own, ['c', 'b', 'a']);
      expect(tf.memory().numTensors).toBe(before);
      for (const [name, [value]] of Object.entries(values(own)))
        expect(value, name).not.toBe(values(variables())[name]![0]);
      optimizer.dispose();
    });

    it('and gives one that joins draws of its own: those of the others stay theirs', () => {
      const [alone, joined] = [variables(), variables()];
      const make = () => asOptimizer(chain(addNoise(constant(1), { seed: 4 }), adam()));
      const [one, other] = [make(), make()];
      update(one, alone, ['b']);
      update(other, joined, ['b']);
      update(one, alone, ['b']);
      update(other, joined, ['a', 'b']);
      expect(values(joined).b).toEqual(values(alone).b);
    });

    it('when it is in the list of variables and the loss does not use it', () => {
      const own = variables();
      const optimizer = asOptimizer(whole());
      optimizer.minimize(() => tf.sum(tf.square(own.b)) as tf.Scalar, false, [own.a, own.b]);
      expect(values(own).a).toEqual([1, -2, 3]);
      expect(values(own).b).not.toEqual([0.5, 4]);
    });

    it('of two models that one chain trains', () => {
      const shared = whole();
      const [mine, yours, alone] = [variables(), variables(), variables()];
      const [one, two, single] = [asOptimizer(shared), asOptimizer(shared), asOptimizer(whole())];
      for (let i = 0; i < 3; i++) {
        update(one, mine, ['a', 'b', 'c']);
        update(two, yours, ['c']);
        update(single, alone, ['a', 'b', 'c']);
      }
      expect(values(mine)).toEqual(values(alone));
    });
  });

  it('frees its state when it is disposed of', () => {
    const x = tf.variable(tf.tensor1d([1, 2]));
    const before = tf.memory().numTensors;
    const optimizer = asOptimizer(chain(addNoise(annealed({ eta: 0.1 })), adam()));
    optimizer.minimize(loss(x), false, [x]);
    expect(tf.memory().numTensors).toBeGreaterThan(before);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
