import * as tf from '@tensorflow/tfjs-core';
import { hyperParameters, notNegative, type PerReplica, share } from './hyper-parameters.js';
import { mapTensors, updateSlot, zerosFor } from './named-tensors.js';
import { against } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/** Hyper-parameters of gradient descent with momentum. */
export interface MomentumOptions {
  /** Learning rate. */
  rate: PerReplica;
  /** Share of the last step in the next. */
  momentum?: PerReplica;
  /** Takes the gradient's next step into account already. */
  nesterov?: boolean;
}

/**
 * Gradient descent with momentum (Polyak 1964), or with Nesterov's, in the form that deep learning uses (Sutskever and others
 * 2013, section 2, rewritten for the parameters where the gradient is taken):
 *
 *     velocity = momentum velocity + g,    update = -rate velocity,    with Nesterov's -rate (g + momentum velocity)
 *
 * as in TensorFlow, Optax and PyTorch.
 * @throws RangeError or TypeError unless the rate is a finite number of at least 0, and momentum from 0 to below 1.
 */
export function momentum({
  rate,
  momentum = 0.9,
  nesterov = false,
}: MomentumOptions): GradientTransformation {
  const numbers = { rate, momentum };
  const { ranges, init } = hyperParameters('momentum', numbers, { rate: notNegative, momentum: share });
  return transformation({
    name: 'momentum',
    config: { name: 'momentum', ...numbers, nesterov },
    ranges,
    init: (parameters, replicas) => ({ hyper: init(replicas), slots: { velocity: zerosFor(parameters) } }),
    update(gradients, { hyper, slots }) {
      const advance = (old: tf.Tensor, g: tf.Tensor) => tf.add(tf.mul(old, against(hyper.momentum, g)), g);
      const velocity = updateSlot(slots.velocity, gradients, advance);
      const factor = tf.neg(hyper.rate);
      const updates = mapTensors(gradients, (g, name) => {
        const direction = nesterov ? advance(velocity[name]!, g) : velocity[name]!;
        return tf.mul(direction, against(factor, g));
      });
      return { updates, state: { hyper, slots: { velocity } } };
    },
  });
}
