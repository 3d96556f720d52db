import * as tf from '@tensorflow/tfjs-core';
import { hyperParameters, notNegative, type PerReplica, share } from './hyper-parameters.js';
import { mapTensors, updateSlot, zerosFor } from './named-tensors.js';
import { against, mix } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/** Hyper-parameters of RMSProp. */
export interface RmspropOptions {
  /** Learning rate; default 0.001. */
  rate?: PerReplica;
  /** Share of the old value in the running mean of the squared gradient. */
  decay?: PerReplica;
  /** Added inside the root; default 1e-8. */
  epsilon?: PerReplica;
  /** Share of the last step in the next; 0, the default, is none. */
  momentum?: PerReplica;
}

/**
 * RMSProp: every entry of the gradient over its root mean square of late,
 *
 *     square = decay square + (1 - decay) g^2,    update = -rate g / sqrt(square + epsilon)
 *
 * Tieleman and Hinton 2012, lecture 6e, whose decay of 0.9 and rate of 0.001 are the defaults. The lecture has no epsilon;
 * it stands inside the root as in Graves 2013 (arXiv 1308.0850, equation 40), TensorFlow and Optax, where PyTorch adds it
 * to the root. `square` starts at 0, without correction. Momentum sums up steps before the rate is applied: what Graves
 * has, as long as the rate stays the same.
 * @throws RangeError or TypeError unless rate and epsilon are finite numbers of at least 0, and decay and momentum from 0 to
 *   below 1.
 */
export function rmsprop({
  rate = 0.001,
  decay = 0.9,
  epsilon = 1e-8,
  momentum = 0,
}: RmspropOptions = {}): GradientTransformation {
  const numbers = { rate, decay, epsilon, momentum };
  const { ranges, init } = hyperParameters('rmsprop', numbers, {
    rate: notNegative,
    decay: share,
    epsilon: notNegative,
    momentum: share,
  });
  const hasMomentum = [momentum].flat().some((part) => part !== 0);
  return transformation({
    name: 'rmsprop',
    config: { name: 'rmsprop', ...numbers },
    ranges,
    init: (parameters, replicas) => ({
      hyper: init(replicas),
      slots: { square: zerosFor(parameters), velocity: hasMomentum ? zerosFor(parameters) : {} },
    }),
    update(gradients, { hyper, slots }) {
      const square = updateSlot(slots.square, gradients, (old, g) => mix(old, tf.square(g), hyper.decay));
      const steps = mapTensors(gradients, (g, name) =>
        tf.div(g, tf.sqrt(tf.add(square[name]!, against(hyper.epsilon, g)))),
      );
      const velocity = hasMomentum
        ? updateSlot(slots.velocity, steps, (old, s) => tf.add(tf.mul(old, against(hyper.momentum, s)), s))
        : {};
      const factor = tf.neg(hyper.rate);
      const updates = mapTensors(steps, (s, name) => tf.mul(velocity[name] ?? s, against(factor, s)));
      return { updates, state: { hyper, slots: { square, velocity } } };
    },
  });
}
