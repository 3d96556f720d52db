import * as tf from '@tensorflow/tfjs-core';
import { norms } from '../ops/squared-norm.js';
import { hyperParameters, limit, type PerReplica } from './hyper-parameters.js';
import { mapTensors } from './named-tensors.js';
import { against } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/**
 * Rescales each replica's gradient to an L2 norm of at most `threshold`, the norm taken over all its parameters
 * together. `Infinity` leaves a replica's gradient untouched, bit for bit; a gradient that holds an infinity or NaN keeps
 * it, or becomes NaN. [GN sections 4.1, 4.4, 4.5]
 * @throws RangeError or TypeError unless the threshold is a number of at least 0.
 */
export function clipByGlobalNorm(threshold: PerReplica): GradientTransformation {
  return clipping('clipByGlobalNorm', threshold, (tensors) => [tensors]);
}

/**
 * Rescales each parameter tensor's gradient, of each replica, to an L2 (Frobenius) norm of at most `threshold` on its
 * own, as the memory networks do [GN section 4.2]. Infinities and NaN as with {@link clipByGlobalNorm}.
 * @throws RangeError or TypeError unless the threshold is a number of at least 0.
 */
export function clipByNorm(threshold: PerReplica): GradientTransformation {
  return clipping('clipByNorm', threshold, (tensors) => tensors.map((tensor) => [tensor]));
}

/** L2 norm of each replica over all tensors [R, ...] together, [R]. Infinite only where float32 cannot hold it. */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.tidy(() => tf.squeeze<tf.Tensor1D>(norms([tensors]), [0]));
}

/** Clips by the norms of groups of tensors: of one with all in it, or of one for each. */
function clipping(
  name: string,
  threshold: PerReplica,
  group: (tensors: tf.Tensor[]) => tf.Tensor[][],
): GradientTransformation {
  const { ranges, init } = hyperParameters(name, { threshold }, { threshold: limit });
  return transformation({
    name,
    config: { name, threshold },
    ranges,
    init: (_parameters, replicas) => ({ hyper: init(replicas) }),
    pointwise: (gradients, { hyper }) => ({
      kind: 'scale',
      scales: shrinkage(hyper.threshold, norms(group(Object.values(gradients)))),
    }),
    update(gradients, { hyper }) {
      const groups = group(Object.values(gradients));
      const scales = tf.unstack(shrinkage(hyper.threshold, norms(groups)));
      const scaleOf = new Map(groups.flatMap((tensors, i) => tensors.map((tensor) => [tensor, scales[i]!])));
      return { updates: mapTensors(gradients, (g) => tf.mul(g, against(scaleOf.get(g)!, g))) };
    },
  });
}

/** [groups, R]: threshold / norm, and 1 where the norm is within the threshold. */
function shrinkage(threshold: tf.Tensor1D, norms: tf.Tensor2D): tf.Tensor2D {
  // What an infinite norm leaves of itself is NaN: finite entries beside an infinity must not become a quiet 0.
  const quotient = tf.add(tf.div(threshold, norms), tf.sub(norms, norms));
  return tf.where(tf.greater(norms, threshold), quotient as tf.Tensor2D, tf.onesLike(norms));
}
