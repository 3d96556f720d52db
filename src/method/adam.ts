import * as tf from '@tensorflow/tfjs-core';
import { hyperParameters, notNegative, type PerReplica, share } from './hyper-parameters.js';
import { mapTensors, updateSlot, zerosFor } from './named-tensors.js';
import { against, mix } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/** Hyper-parameters of Adam. */
export interface AdamOptions {
  /** Learning rate; default 0.001. */
  rate?: PerReplica;
  /** Share of the old value in the running mean of the gradient; default 0.9. */
  beta1?: PerReplica;
  /** Share of the old value in the running mean of the squared gradient; default 0.999. */
  beta2?: PerReplica;
  /** Added to the root of the bias-corrected second moment; default 1e-8. */
  epsilon?: PerReplica;
}

/**
 * Adam, Kingma and Ba 2015, algorithm 1 (their t is `step` + 1). The defaults are theirs.
 * @throws RangeError or TypeError unless rate and epsilon are finite numbers of at least 0, and both betas from 0 to below 1.
 */
export function adam({
  rate = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: AdamOptions = {}): GradientTransformation {
  const numbers = { rate, beta1, beta2, epsilon };
  const { ranges, init } = hyperParameters('adam', numbers, {
    rate: notNegative,
    beta1: share,
    beta2: share,
    epsilon: notNegative,
  });
  return transformation({
    name: 'adam',
    config: { name: 'adam', ...numbers },
    ranges,
    init: (parameters, replicas) => ({
      hyper: init(replicas),
      slots: { mean: zerosFor(parameters), square: zerosFor(parameters) },
    }),
    pointwise(_gradients, { hyper, slots }, step) {
      const { correction2, stepSize } = atUpdate(hyper, step);
      const [beta1, beta2] = [hyper.beta1, hyper.beta2];
      const numbers = [
        beta1,
        tf.sub(1, beta1),
        beta2,
        tf.sub(1, beta2),
        correction2,
        stepSize,
        hyper.epsilon,
      ];
      return { kind: 'adam', numbers: tf.stack(numbers) as tf.Tensor2D, ...slots };
    },
    update(gradients, { hyper, slots }, step) {
      const { correction2, stepSize } = atUpdate(hyper, step);
      const mean = updateSlot(slots.mean, gradients, (old, g) => mix(old, g, hyper.beta1));
      const square = updateSlot(slots.square, gradients, (old, g) => mix(old, tf.square(g), hyper.beta2));
      const updates = mapTensors(gradients, (g, name) => {
        const root = tf.sqrt(tf.div(square[name]!, against(correction2, g)));
        return tf.div(tf.mul(mean[name]!, against(stepSize, g)), tf.add(root, against(hyper.epsilon, g)));
      });
      return { updates, state: { hyper, slots: { mean, square } } };
    },
  });
}

type Numbers = { readonly [name in 'rate' | 'beta1' | 'beta2']: tf.Tensor1D };

/** 1 - beta2^t, and the negative rate over 1 - beta1^t, each [R], for t = `step` + 1. */
function atUpdate(
  { rate, beta1, beta2 }: Numbers,
  step: tf.Scalar,
): { correction2: tf.Tensor; stepSize: tf.Tensor } {
  const t = tf.add(tf.cast(step, 'float32'), 1);
  const correction1 = tf.sub(1, tf.pow(beta1, t));
  return { correction2: tf.sub(1, tf.pow(beta2, t)), stepSize: tf.neg(tf.div(rate, correction1)) };
}
