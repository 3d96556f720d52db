import * as tf from '@tensorflow/tfjs';
import { against, replicasOf, toReplicas } from './per-replica.js';
import type { GradientTransformation, PerReplica } from './transformation.js';

/** Gradient descent without momentum: update = -rate * gradient. */
export function sgd(rate: PerReplica): GradientTransformation {
  return {
    init: (parameters) => [tf.tidy(() => tf.neg(toReplicas(rate, replicasOf(parameters), 'rate')))],
    update: (gradients, state) => ({
      updates: gradients.map((g) => tf.mul(g, against(state[0]!, g))),
      state: [...state],
    }),
  };
}
