import * as tf from '@tensorflow/tfjs';
import { mapTensors, updateSlot, zerosFor } from './named-tensors.js';
import { against, mix, replicasOf, toReplicas } from './per-replica.js';
import { type GradientTransformation, type PerReplica, transformation } from './transformation.js';

/** Hyper-parameters of RMSProp; `epsilon` is added inside the root. */
export interface RmspropOptions {
  rate?: PerReplica;
  /** Share of the old value in the running mean of the squared gradient. */
  decay?: PerReplica;
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
 */
export function rmsprop({
  rate = 0.001,
  decay = 0.9,
  epsilon = 1e-8,
  momentum = 0,
}: RmspropOptions = {}): GradientTransformation {
  const hasMomentum = [momentum].flat().some((share) => share !== 0);
  return transformation({
    name: 'rmsprop',
    init: (parameters) => ({
      hyper: toReplicas({ rate, decay, epsilon, momentum }, replicasOf(parameters)),
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
