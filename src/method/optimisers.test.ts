import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { applyUpdates } from './apply.js';
import { clipByGlobalNorm, clipByNorm, globalNorm } from './clip.js';
import { addNoise } from './noise.js';
import { annealed } from './schedules.js';
import { sgd } from './sgd.js';
import { chain, type GradientTransformation } from './transformation.js';

/** Minimises (x - 3)^2 + (y + 1)^2 for two replicas from the origin; returns where they end. */
function minimise(transformation: GradientTransformation, steps: number): number[] {
  const target = tf.tensor2d([
    [3, -1],
    [3, -1],
  ]);
  let parameters: tf.Tensor[] = [tf.zeros([2, 2])];
  let state = transformation.init(parameters);
  for (let step = 0; step < steps; step++) {
    const gradients = [tf.mul(tf.sub(parameters[0]!, target), 2)];
    const result = transformation.update(gradients, state, tf.scalar(step, 'int32'));
    parameters = applyUpdates(parameters, result.updates);
    state = result.state;
  }
  return [...parameters[0]!.dataSync()];
}

describe('every optimiser', () => {
  const table: [string, GradientTransformation, number][] = [
    ['sgd', sgd(0.1), 100],
    ['adam', adam({ rate: 0.1 }), 500],
    ['clipped sgd', chain(clipByGlobalNorm(1), sgd(0.1)), 200],
    ['sgd clipped by tensor', chain(clipByNorm(1), sgd(0.1)), 200],
    ['noisy sgd', chain(addNoise(annealed({ eta: 0.01, gamma: 2 }), { seed: [0, 1] }), sgd(0.1)), 500],
    [
      'noisy adam',
      chain(addNoise(annealed({ eta: 0.01, gamma: 2 }), { seed: [0, 1] }), adam({ rate: 0.1 })),
      500,
    ],
  ];
  it.each(table)('%s reaches the bottom of a parabola', (_name, transformation, steps) => {
    for (const [i, value] of minimise(transformation, steps).entries())
      expect(value).toBeCloseTo(i % 2 === 0 ? 3 : -1, 1);
  });
});

describe('sgd', () => {
  it('moves each replica by its own rate', () => {
    const { updates } = sgd([0.1, 1]).update(
      [tf.ones([2, 1])],
      sgd([0.1, 1]).init([tf.ones([2, 1])]),
      tf.scalar(0),
    );
    expect([...updates[0]!.dataSync()]).toEqual([Math.fround(-0.1), -1]);
  });
});

describe('adam', () => {
  it('agrees with TensorFlow.js step by step', () => {
    const start = [0.5, -0.3, 2];
    const theirs = tf.variable(tf.tensor1d(start));
    const optimiser = tf.train.adam(0.05, 0.9, 0.999, 1e-7);
    const ours = adam({ rate: 0.05, epsilon: 1e-7 });
    let parameters: tf.Tensor[] = [tf.tensor2d([start])];
    let state = ours.init(parameters);
    for (let step = 0; step < 20; step++) {
      optimiser.minimize(() => tf.sum(tf.square(theirs)) as tf.Scalar, false, [theirs]);
      const gradients = [tf.mul(parameters[0]!, 2)];
      const result = ours.update(gradients, state, tf.scalar(step, 'int32'));
      parameters = applyUpdates(parameters, result.updates);
      state = result.state;
      for (const [i, value] of [...parameters[0]!.dataSync()].entries())
        expect(value).toBeCloseTo(theirs.dataSync()[i]!, 4);
    }
  });
});

describe('clipping', () => {
  const gradients = () => [tf.tensor2d([[3], [0.3], [0]]), tf.tensor3d([[[4]], [[0.4]], [[0]]])];

  it('by the global norm shrinks all tensors of a replica by one factor, each replica on its own', () => {
    const transformation = clipByGlobalNorm(1);
    const { updates } = transformation.update(gradients(), transformation.init(gradients()), tf.scalar(0));
    const norms = [...globalNorm(updates).dataSync()];
    expect(norms[0]).toBeCloseTo(1, 6);
    expect(norms[1]).toBeCloseTo(0.5, 6);
    expect(norms[2]).toBe(0);
    expect([...updates[0]!.dataSync()][0]).toBeCloseTo(0.6, 6);
  });

  it('by the norm of each tensor treats tensors apart', () => {
    const transformation = clipByNorm(1);
    const { updates } = transformation.update(gradients(), transformation.init(gradients()), tf.scalar(0));
    expect(updates[0]!.dataSync()[0]).toBeCloseTo(1, 6);
    expect(updates[1]!.dataSync()[0]).toBeCloseTo(1, 6);
    expect(updates[1]!.dataSync()[1]).toBeCloseTo(0.4, 6);
  });

  it('at infinity changes nothing, bit for bit', () => {
    const transformation = clipByGlobalNorm(Number.POSITIVE_INFINITY);
    const { updates } = transformation.update(gradients(), transformation.init(gradients()), tf.scalar(0));
    for (const [i, update] of updates.entries())
      expect(update.dataSync()).toEqual(gradients()[i]!.dataSync());
  });
});
