import * as tf from '@tensorflow/tfjs';
import { mapTensors } from './named-tensors.js';
import { against, replicasOf, toReplicas } from './per-replica.js';
import { type GradientTransformation, type PerReplica, transformation } from './transformation.js';

/** Gradient descent without momentum: update = -rate * gradient. */
export function sgd(rate: PerReplica): GradientTransformation {
  return transformation({
    name: 'sgd',
    init: (parameters) => ({ hyper: toReplicas({ rate }, replicasOf(parameters)) }),
    update(gradients, { hyper }) {
      const factor = tf.neg(hyper.rate);
      return { updates: mapTensors(gradients, (g) => tf.mul(g, against(factor, g))) };
    },
  });
}
