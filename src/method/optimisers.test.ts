import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { applyUpdates } from './apply.js';
import { clipByGlobalNorm, clipByNorm } from './clip.js';
import type { NamedTensors } from './named-tensors.js';
import { addNoise } from './noise.js';
import { rmsprop } from './rmsprop.js';
import { annealed } from './schedules.js';
import { sgd } from './sgd.js';
import { disposeTree } from './tensor-tree.js';
import { type Chain, chain, type GradientTransformation } from './transformation.js';

/** Gradients of a function of x and y, each [2, 1]: two replicas. */
type Gradients = (at: { x: tf.Tensor; y: tf.Tensor }) => { x: tf.Tensor; y: tf.Tensor };

/** (x - 3)^2 + (y + 1)^2 */
const parabola: Gradients = ({ x, y }) => ({ x: x.sub(3).mul(2), y: y.add(1).mul(2) });

/** (1 - x)^2 + 100 (y - x^2)^2, a bent and narrow valley with its bottom at (1, 1). [Rosenbrock 1960] */
const rosenbrock: Gradients = ({ x, y }) => {
  const above = y.sub(x.square());
  return { x: x.sub(1).mul(2).sub(above.mul(x).mul(400)), y: above.mul(200) };
};

/** Where two replicas end that start at (0, 0) and at (-1.2, 1). */
function minimise(
  transformation: GradientTransformation | Chain,
  gradientsAt: Gradients,
  steps: number,
): { x: number[]; y: number[] } {
  const { init, update } = chain(transformation);
  let parameters: NamedTensors = { x: tf.tensor2d([[0], [-1.2]]), y: tf.tensor2d([[0], [1]]) };
  let state = init(parameters);
  for (let step = 0; step < steps; step++) {
    const next = tf.tidy(() => {
      const gradients = gradientsAt(parameters as ReturnType<Gradients>);
      const { updates, state: after } = update(gradients, state, tf.scalar(step, 'int32'));
      return { parameters: applyUpdates(parameters, updates), state: after };
    });
    disposeTree({ parameters, state }, next);
    ({ parameters, state } = next);
  }
  const [x, y] = [parameters.x!, parameters.y!].map((p) => [...p.dataSync()]);
  disposeTree({ parameters, state });
  return { x: x!, y: y! };
}

const noise = () => addNoise(annealed({ eta: 0.01, gamma: 2 }), { seed: [0, 1] });

describe('every optimiser', () => {
  const table: [string, (rate: number) => GradientTransformation | Chain, fast: number, slow: number][] = [
    ['sgd', sgd, 0.1, 0.0015],
    ['adam', (rate) => adam({ rate }), 0.1, 0.02],
    ['rmsprop', (rate) => rmsprop({ rate }), 0.01, 0.002],
    ['rmsprop with momentum', (rate) => rmsprop({ rate, momentum: 0.9 }), 0.001, 0.0002],
    ['clipped sgd', (rate) => chain(clipByGlobalNorm(1), sgd(rate)), 0.1, 0.0015],
    ['sgd clipped by tensor', (rate) => chain(clipByNorm(1), sgd(rate)), 0.1, 0.0015],
    ['noisy sgd', (rate) => chain(noise(), sgd(rate)), 0.1, 0.0015],
    ['noisy adam', (rate) => chain(noise(), adam({ rate })), 0.1, 0.02],
  ];

  it.each(table)(
    '%s reaches the bottom of a parabola, and keeps no tensors of its steps',
    (_name, make, rate) => {
      const before = tf.memory().numTensors;
      const { x, y } = minimise(make(rate), parabola, 800);
      for (const value of x) expect(value).toBeCloseTo(3, 1);
      for (const value of y) expect(value).toBeCloseTo(-1, 1);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.each(table)("%s reaches the bottom of Rosenbrock's valley", (_name, make, _fast, rate) => {
    const { x, y } = minimise(make(rate), rosenbrock, 6000);
    for (const value of [...x, ...y]) expect(value).toBeCloseTo(1, 1);
  });

  it.each(table)('%s knows parameters by name, in whatever order they come', (_name, make, rate) => {
    const { init, update } = chain(make(rate));
    const zeros = { x: tf.zeros([2, 2]), y: tf.zeros([2, 3]) };
    const [x, y] = [tf.randomNormal([2, 2], 0, 1, 'float32', 1), tf.randomNormal([2, 3], 0, 1, 'float32', 2)];
    let [straight, turned] = [init(zeros), init(zeros)];
    for (let t = 0; t < 3; t++) {
      const step = tf.scalar(t, 'int32');
      const one = update({ x, y }, straight, step);
      const other = update({ y, x }, turned, step);
      for (const name of ['x', 'y'])
        expect(other.updates[name]!.dataSync()).toEqual(one.updates[name]!.dataSync());
      [straight, turned] = [one.state, other.state];
    }
  });
});

describe('sgd', () => {
  it('moves each replica by its own rate', () => {
    const { init, update } = chain(sgd([0.1, 1]));
    const ones = { w: tf.ones([2, 1]) };
    const { updates } = update(ones, init(ones), tf.scalar(0, 'int32'));
    expect([...updates.w!.dataSync()]).toEqual([Math.fround(-0.1), -1]);
  });
});
