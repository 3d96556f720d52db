import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { adam } from './adam.js';
import { applyUpdates } from './apply.js';
import type { NamedTensors } from './named-tensors.js';
import { chain } from './transformation.js';

test('adam agrees with TensorFlow.js step by step', () => {
  const start = [0.5, -0.3, 2];
  const theirs = tf.variable(tf.tensor1d(start));
  const optimiser = tf.train.adam(0.05, 0.9, 0.999, 1e-7);
  const ours = chain(adam({ rate: 0.05, epsilon: 1e-7 }));
  let parameters: NamedTensors = { w: tf.tensor2d([start]) };
  let state = ours.init(parameters);
  for (let step = 0; step < 20; step++) {
    optimiser.minimize(() => tf.sum(tf.square(theirs)) as tf.Scalar, false, [theirs]);
    const gradients = { w: tf.mul(parameters.w!, 2) };
    const result = ours.update(gradients, state, tf.scalar(step, 'int32'));
    parameters = applyUpdates(parameters, result.updates);
    state = result.state;
    for (const [i, value] of [...parameters.w!.dataSync()].entries())
      expect(value).toBeCloseTo(theirs.dataSync()[i]!, 4);
  }
});
