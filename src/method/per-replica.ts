import * as tf from '@tensorflow/tfjs';
import type { PerReplica } from './transformation.js';

/** The hyper-parameter as a tensor [R]. Throws RangeError if a list has another length than R. */
export function toReplicas(value: PerReplica, replicas: number, name: string): tf.Tensor1D {
  if (typeof value !== 'number' && value.length !== replicas)
    throw new RangeError(
      `${name} has ${value.length} values for ${replicas} replicas; give one number or one each.`,
    );
  return tf.tensor1d(typeof value === 'number' ? new Array(replicas).fill(value) : [...value]);
}

/** Number of replicas: the first axis of the first parameter. */
export function replicasOf(parameters: readonly tf.Tensor[]): number {
  const first = parameters[0];
  if (!first || first.rank === 0)
    throw new RangeError(
      'Parameters must be tensors with a leading replica axis, [R, ...]; use R = 1 for one network.',
    );
  return first.shape[0]!;
}

/** Reshapes [R] to [R, 1, ..., 1] so that it broadcasts against a tensor [R, ...]. */
export function against(perReplica: tf.Tensor, target: tf.Tensor): tf.Tensor {
  return tf.reshape(perReplica, [perReplica.size, ...new Array<number>(target.rank - 1).fill(1)]);
}
