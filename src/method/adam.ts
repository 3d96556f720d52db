import * as tf from '@tensorflow/tfjs';
import { against, replicasOf, toReplicas } from './per-replica.js';
import type { GradientTransformation, PerReplica } from './transformation.js';

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
  return {
    init(parameters) {
      const replicas = replicasOf(parameters);
      const numbers = Object.entries({ rate, beta1, beta2, epsilon });
      return [
        ...numbers.map(([name, value]) => toReplicas(value, replicas, name)),
        ...parameters.map((p) => tf.zerosLike(p)),
        ...parameters.map((p) => tf.zerosLike(p)),
      ];
    },
    update(gradients, state, step) {
      const n = gradients.length;
      const [rates, b1, b2, eps] = state;
      const t = tf.add(tf.cast(step, 'float32'), 1);
      const correction1 = tf.sub(1, tf.pow(b1!, t));
      const correction2 = tf.sub(1, tf.pow(b2!, t));
      const means = gradients.map((g, i) => mix(state[4 + i]!, g, b1!));
      const squares = gradients.map((g, i) => mix(state[4 + n + i]!, tf.square(g), b2!));
      const stepSize = tf.neg(tf.div(rates!, correction1));
      const updates = means.map((m, i) => {
        const root = tf.sqrt(tf.div(squares[i]!, against(correction2, m)));
        return tf.div(tf.mul(m, against(stepSize, m)), tf.add(root, against(eps!, m)));
      });
      return { updates, state: [...state.slice(0, 4), ...means, ...squares] };
    },
  };
}

/** beta * old + (1 - beta) * value, beta [R]. */
function mix(old: tf.Tensor, value: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const b = against(beta, value);
  return tf.add(tf.mul(old, b), tf.mul(value, tf.sub(1, b)));
}
