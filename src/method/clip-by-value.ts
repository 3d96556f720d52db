import * as tf from '@tensorflow/tfjs-core';
import { hyperParameters, limit as limits, type PerReplica } from './hyper-parameters.js';
import { mapTensors } from './named-tensors.js';
import { against } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/**
 * Holds every entry of the gradient between -limit and limit, as Optax's `clip`. It turns the gradient, where clipping by
 * a norm only shortens it. NaN stays NaN; an infinity becomes the limit.
 * @throws RangeError or TypeError unless the limit is a number of at least 0.
 */
export function clipByValue(limit: PerReplica): GradientTransformation {
  const { ranges, init } = hyperParameters('clipByValue', { limit }, { limit: limits });
  return transformation({
    name: 'clipByValue',
    config: { name: 'clipByValue', limit },
    ranges,
    init: (_parameters, replicas) => ({ hyper: init(replicas) }),
    update: (gradients, { hyper }) => ({
      updates: mapTensors(gradients, (g) => {
        const most = against(hyper.limit, g);
        const least = tf.neg(most);
        // By comparisons, as backends differ in what the smaller of NaN and a number is.
        return tf.where(tf.greater(g, most), most, tf.where(tf.less(g, least), least, g));
      }),
    }),
  });
}
