import * as tf from '@tensorflow/tfjs-core';
import { hyperParameters, notNegative, type PerReplica } from './hyper-parameters.js';
import { mapTensors } from './named-tensors.js';
import { against } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/**
 * Gradient descent without momentum: update = -rate * gradient.
 * @throws RangeError or TypeError unless the rate is a finite number of at least 0.
 */
export function sgd(rate: PerReplica): GradientTransformation {
  const { ranges, init } = hyperParameters('sgd', { rate }, { rate: notNegative });
  return transformation({
    name: 'sgd',
    config: { name: 'sgd', rate },
    ranges,
    init: (_parameters, replicas) => ({ hyper: init(replicas) }),
    pointwise: (_gradients, { hyper }) => ({ kind: 'descent', rates: tf.neg(hyper.rate) }),
    update(gradients, { hyper }) {
      const factor = tf.neg(hyper.rate);
      return { updates: mapTensors(gradients, (g) => tf.mul(g, against(factor, g))) };
    },
  });
}
