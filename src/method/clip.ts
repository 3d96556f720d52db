import * as tf from '@tensorflow/tfjs';
import { squaredNorm } from '../ops/squared-norm.js';
import { against, replicasOf, toReplicas } from './per-replica.js';
import type { GradientTransformation, PerReplica } from './transformation.js';

/**
 * Rescales each replica's gradient to an L2 norm of at most `threshold`, the norm taken over all its parameters
 * together. `Infinity` leaves a replica's gradient untouched, bit for bit. [GN sections 4.1, 4.4, 4.5]
 */
export function clipByGlobalNorm(threshold: PerReplica): GradientTransformation {
  return {
    init: (parameters) => [toReplicas(threshold, replicasOf(parameters), 'clipByGlobalNorm')],
    update(gradients, state) {
      const norm = globalNorm(gradients);
      const scale = shrinkage(state[0]!, norm);
      return { updates: gradients.map((g) => tf.mul(g, against(scale, g))), state: [...state] };
    },
  };
}

/**
 * Rescales each parameter tensor's gradient, of each replica, to an L2 (Frobenius) norm of at most `threshold` on its
 * own, as the memory networks do [GN section 4.2].
 */
export function clipByNorm(threshold: PerReplica): GradientTransformation {
  return {
    init: (parameters) => [toReplicas(threshold, replicasOf(parameters), 'clipByNorm')],
    update: (gradients, state) => ({
      updates: gradients.map((g) => tf.mul(g, against(shrinkage(state[0]!, globalNorm([g])), g))),
      state: [...state],
    }),
  };
}

/** L2 norm of each replica over all tensors [R, ...] together, [R]. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.sqrt(tf.addN(tensors.map(squaredNorm))) as tf.Tensor1D;
}

/** min(1, threshold / norm): 1 where the norm is 0 or the threshold infinite. */
function shrinkage(threshold: tf.Tensor, norm: tf.Tensor): tf.Tensor {
  return tf.minimum(tf.div(threshold, norm), 1);
}
