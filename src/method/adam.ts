import * as tf from '@tensorflow/tfjs';
import { mapTensors, updateSlot, zerosFor } from './named-tensors.js';
import { against, mix, replicasOf, toReplicas } from './per-replica.js';
import { type GradientTransformation, type PerReplica, transformation } from './transformation.js';

/** Hyper-parameters of Adam; `epsilon` is added to the root of the bias-corrected second moment. */
export interface AdamOptions {
  rate?: PerReplica;
  beta1?: PerReplica;
  beta2?: PerReplica;
  epsilon?: PerReplica;
}

/** Adam, Kingma and Ba 2015, algorithm 1 (their t is `step` + 1). The defaults are theirs. */
export function adam({
  rate = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamOptions = {}): GradientTransformation {
  return transformation({
    name: 'adam',
    init: (parameters) => ({
      hyper: toReplicas({ rate, beta1, beta2, epsilon }, replicasOf(parameters)),
      slots: { mean: zerosFor(parameters), square: zerosFor(parameters) },
    }),
    update(gradients, { hyper, slots }, step) {
      const t = tf.add(tf.cast(step, 'float32'), 1);
      const correction1 = tf.sub(1, tf.pow(hyper.beta1, t));
      const correction2 = tf.sub(1, tf.pow(hyper.beta2, t));
      const mean = updateSlot(slots.mean, gradients, (old, g) => mix(old, g, hyper.beta1));
      const square = updateSlot(slots.square, gradients, (old, g) => mix(old, tf.square(g), hyper.beta2));
      const stepSize = tf.neg(tf.div(hyper.rate, correction1));
      const updates = mapTensors(gradients, (g, name) => {
        const root = tf.sqrt(tf.div(square[name]!, against(correction2, g)));
        return tf.div(tf.mul(mean[name]!, against(stepSize, g)), tf.add(root, against(hyper.epsilon, g)));
      });
      return { updates, state: { hyper, slots: { mean, square } } };
    },
  });
}
