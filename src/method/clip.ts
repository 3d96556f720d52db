import * as tf from '@tensorflow/tfjs';
import { squaredNorm } from '../ops/squared-norm.js';
import { mapTensors } from './named-tensors.js';
import { against, replicasOf, toReplicas } from './per-replica.js';
import { type GradientTransformation, type PerReplica, transformation } from './transformation.js';

/**
 * Rescales each replica's gradient to an L2 norm of at most `threshold`, the norm taken over all its parameters
 * together. `Infinity` leaves a replica's gradient untouched, bit for bit. [GN sections 4.1, 4.4, 4.5]
 */
export function clipByGlobalNorm(threshold: PerReplica): GradientTransformation {
  return transformation({
    name: 'clipByGlobalNorm',
    init: (parameters) => ({ hyper: toReplicas({ threshold }, replicasOf(parameters)) }),
    update(gradients, { hyper }) {
      const scale = shrinkage(hyper.threshold, globalNorm(Object.values(gradients)));
      return { updates: mapTensors(gradients, (g) => tf.mul(g, against(scale, g))) };
    },
  });
}

/**
 * Rescales each parameter tensor's gradient, of each replica, to an L2 (Frobenius) norm of at most `threshold` on its
 * own, as the memory networks do [GN section 4.2].
 */
export function clipByNorm(threshold: PerReplica): GradientTransformation {
  return transformation({
    name: 'clipByNorm',
    init: (parameters) => ({ hyper: toReplicas({ threshold }, replicasOf(parameters)) }),
    update: (gradients, { hyper }) => ({
      updates: mapTensors(gradients, (g) =>
        tf.mul(g, against(shrinkage(hyper.threshold, globalNorm([g])), g)),
      ),
    }),
  });
}

/** L2 norm of each replica over all tensors [R, ...] together, [R]. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.sqrt(tf.addN(tensors.map(squaredNorm))) as tf.Tensor1D;
}

/** min(1, threshold / norm): 1 where the norm is 0 or the threshold infinite. */
function shrinkage(threshold: tf.Tensor, norm: tf.Tensor): tf.Tensor {
  return tf.minimum(tf.div(threshold, norm), 1);
}
