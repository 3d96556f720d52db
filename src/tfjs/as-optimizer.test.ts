import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from '../method/adam.js';
import { clipByGlobalNorm } from '../method/clip.js';
import { addNoise } from '../method/noise.js';
import { linear } from '../method/rate-schedules.js';
import { scheduled } from '../method/scheduled.js';
import { annealed, constant, scalable } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { chain } from '../method/transformation.js';
import { asOptimizer } from './as-optimizer.js';
import { inject } from './inject.js';
import { withGradientNoise } from './with-gradient-noise.js';

const loss = (x: tf.Variable) => () => tf.sum(tf.square(x)) as tf.Scalar;

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

  it('starts at a step that is given', () => {
    const x = tf.variable(tf.zeros([1]));
    const optimizer = asOptimizer(scheduled(sgd(0), { rate: linear({ from: 0, to: 1, steps: 10 }) }), {
      step: 5,
    });
    expect(optimizer.iterations).toBe(5);
    optimizer.minimize(() => tf.sum(x) as tf.Scalar, false, [x]);
    expect(x.dataSync()[0]).toBe(-0.5);
    expect(optimizer.iterations).toBe(6);
  });

  describe('has a learning rate', () => {
    it('that can be read, and set for the updates to come', () => {
      const x = tf.variable(tf.zeros([1]));
      const optimizer = asOptimizer(chain(clipByGlobalNorm(100), sgd(0.5)));
      const update = () => optimizer.minimize(() => tf.sum(x) as tf.Scalar, false, [x]);
      expect(optimizer.learningRate).toBe(0.5);
      update();
      optimizer.learningRate = 0.25;
      expect(optimizer.learningRate).toBe(0.25);
      update();
      expect(x.dataSync()[0]).toBe(-0.75);
    });

    it('that is told for the next update where it follows a schedule, and then cannot be set', () => {
      const x = tf.variable(tf.zeros([1]));
      const schedule = linear({ from: 1, to: 0, steps: 4 });
      const optimizer = asOptimizer(scheduled(adam(), { rate: schedule }));
      const rates = Array.from({ length: 6 }, () => {
        optimizer.minimize(() => tf.sum(x) as tf.Scalar, false, [x]);
        return optimizer.learningRate;
      });
      expect(rates).toEqual([0.75, 0.5, 0.25, 0, 0, 0]);
      expect(() => {
        optimizer.learningRate = 1;
      }).toThrow('no hyper-parameter adam.rate; it has adam.beta1');
    });

    it('unless no link has one', () => {
      expect(() => asOptimizer(clipByGlobalNorm(1)).learningRate).toThrow(
        'None of the links clipByGlobalNorm has a rate',
      );
    });
  });

  it('takes another value of a hyper-parameter between updates', () => {
    const x = tf.variable(tf.zeros([1000]));
    const noise = addNoise(scalable(constant(1)), { seed: 1 });
    const optimizer = asOptimizer(chain(noise, sgd(1)));
    const draws = () => {
      x.assign(tf.zeros([1000]));
      optimizer.minimize(() => tf.mul(tf.sum(x), 0) as tf.Scalar, false, [x]);
      return tf.moments(x).variance.dataSync()[0]!;
    };
    expect(draws()).toBeCloseTo(1, 0);
    inject(optimizer, 'addNoise', 'scale', 0);
    expect(draws()).toBe(0);
    inject(optimizer, 'addNoise', 'scale', 100);
    expect(draws() / 100).toBeCloseTo(1, 0);
  });

  it('leaves a layer that is frozen after compiling as it is, and goes on when it is freed', async () => {
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [2] }), tf.layers.dense({ units: 1 })],
    });
    for (const optimizer of [
      asOptimizer(chain(addNoise(annealed({ eta: 0.1 })), adam({ rate: 0.1 }))),
      withGradientNoise(tf.train.adam(0.1), annealed({ eta: 0.1 })),
    ]) {
      const [first, last] = model.layers as [tf.layers.Layer, tf.layers.Layer];
      first.trainable = true;
      model.compile({ optimizer, loss: 'meanSquaredError' });
      const weights = (layer: tf.layers.Layer) => layer.getWeights().map((w) => [...w.dataSync()]);
      const train = async () => {
        const before = [weights(first), weights(last)] as const;
        await model.fit(tf.ones([8, 2]), tf.ones([8, 1]), { epochs: 2, verbose: 0 });
        return [weights(first), weights(last)].map((after, i) => after.join() !== before[i]!.join());
      };
      first.trainable = false;
      expect(await train()).toEqual([false, true]);
      first.trainable = true;
      expect(await train()).toEqual([true, true]);
      first.trainable = false;
      expect(await train()).toEqual([false, true]);
    }
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
