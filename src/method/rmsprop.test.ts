import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { applyUpdates } from './apply.js';
import type { NamedTensors } from './named-tensors.js';
import { rmsprop } from './rmsprop.js';
import { chain, type GradientTransformation } from './transformation.js';

const START = [0.5, -0.3, 2];

/** Where descent of the squared norm gets to from START, after each of five steps. */
function path(transformation: GradientTransformation): number[][] {
  const { init, update } = chain(transformation);
  let parameters: NamedTensors = { w: tf.tensor2d([START]) };
  let state = init(parameters);
  return Array.from({ length: 5 }, (_, step) => {
    const result = update({ w: tf.mul(parameters.w!, 2) }, state, tf.scalar(step, 'int32'));
    parameters = applyUpdates(parameters, result.updates);
    state = result.state;
    return [...parameters.w!.dataSync()];
  });
}

/*
 * Optax 0.2.8 on JAX 0.10.2:
 *
 *   import jax.numpy as np, optax
 *   for momentum in (None, 0.5):
 *       o = optax.rmsprop(0.05, decay=0.9, eps=0.01, momentum=momentum)
 *       x = np.array([0.5, -0.3, 2.0]); s = o.init(x)
 *       for _ in range(5):
 *           u, s = o.update(2 * x, s); x = optax.apply_updates(x, u)
 *       print(momentum, x.tolist())
 *
 * An epsilon of 0.01 tells inside the root from outside.
 */
const OPTAX: [momentum: number, end: number[]][] = [
  [0, [0.10892832279205322, -0.014596838504076004, 1.4945452213287354]],
  [0.5, [-0.05899903550744057, 0.04339977353811264, 1.1652803421020508]],
];

describe('rmsprop', () => {
  it.each(OPTAX)('with momentum %d ends where Optax ends', (momentum, end) => {
    const last = path(rmsprop({ rate: 0.05, decay: 0.9, epsilon: 0.01, momentum })).at(-1)!;
    for (const [i, value] of last.entries()) expect(value).toBeCloseTo(end[i]!, 6);
  });

  it.each([0, 0.5])('with momentum %d agrees with TensorFlow.js step by step', (momentum) => {
    const theirs = tf.variable(tf.tensor1d(START));
    const optimiser = tf.train.rmsprop(0.05, 0.9, momentum, 0.01);
    for (const ours of path(rmsprop({ rate: 0.05, decay: 0.9, epsilon: 0.01, momentum }))) {
      optimiser.minimize(() => tf.sum(tf.square(theirs)) as tf.Scalar, false, [theirs]);
      for (const [i, value] of ours.entries()) expect(value).toBeCloseTo(theirs.dataSync()[i]!, 6);
    }
  });

  it("takes a first step of the lecture's size, whatever the gradient's: the rate over the root of 1 - 0.9", () => {
    const [first] = path(rmsprop());
    for (const [i, value] of first!.entries())
      expect(Math.abs(value - START[i]!)).toBeCloseTo(0.001 / Math.sqrt(0.1), 6);
  });

  it('gives a replica without momentum what it gets alone', () => {
    const { init, update } = chain(rmsprop({ rate: [0.05, 0.05], epsilon: 0.01, momentum: [0.5, 0] }));
    let parameters: NamedTensors = { w: tf.tensor2d([START, START]) };
    let state = init(parameters);
    for (let step = 0; step < 5; step++) {
      const result = update({ w: tf.mul(parameters.w!, 2) }, state, tf.scalar(step, 'int32'));
      parameters = applyUpdates(parameters, result.updates);
      state = result.state;
    }
    const alone = path(rmsprop({ rate: 0.05, epsilon: 0.01 })).at(-1)!;
    expect([...parameters.w!.dataSync()].slice(3)).toEqual(alone);
  });

  it('keeps a velocity only where there is momentum', () => {
    const w = { w: tf.zeros([1, 3]) };
    expect(Object.keys(rmsprop().init(w).slots!.velocity!)).toEqual([]);
    expect(Object.keys(rmsprop({ momentum: 0.9 }).init(w).slots!.velocity!)).toEqual(['w']);
  });
});
