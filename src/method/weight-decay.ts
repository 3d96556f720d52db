import * as tf from '@tensorflow/tfjs-core';
import { hyperParameters, notNegative, type PerReplica } from './hyper-parameters.js';
import { mapTensors, type NamedTensors } from './named-tensors.js';
import { against } from './per-replica.js';
import { type GradientTransformation, transformation } from './transformation.js';

/**
 * Adds `decay` times the parameters to what comes in. Before an optimiser that is the gradient of the penalty
 * decay / 2 |w|^2; for decay that no moments see, take {@link adamw}. Spare biases with {@link masked}:
 * `masked(weightDecay(1e-4), /kernel/)`.
 * @throws RangeError or TypeError unless it is a finite number of at least 0.
 */
export function weightDecay(decay: PerReplica): GradientTransformation {
  const { ranges, init } = hyperParameters('weightDecay', { decay }, { decay: notNegative });
  return transformation({
    name: 'weightDecay',
    config: { name: 'weightDecay', decay },
    ranges,
    init: (_parameters, replicas) => ({ hyper: init(replicas) }),
    update: (gradients, { hyper }, _step, parameters) => ({
      updates: addShare(gradients, hyper.decay, needed(parameters, 'weightDecay')),
    }),
  });
}

/** Each tensor plus `factor` [R] times its parameter. */
export function addShare(tensors: NamedTensors, factor: tf.Tensor, parameters: NamedTensors): NamedTensors {
  return mapTensors(tensors, (t, name) => tf.add(t, tf.mul(parameters[name]!, against(factor, t))));
}

/** The parameters, of which not every caller of `update` thinks. */
export function needed(parameters: NamedTensors | undefined, link: string): NamedTensors {
  if (parameters) return parameters;
  throw new TypeError(`${link} needs the parameters: hand them to update after the step.`);
}
