import * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from './named-tensors.js';
import type { PerReplica } from './transformation.js';

/**
 * Hyper-parameters as tensors [R], under their names.
 * @throws RangeError if a list has another length than R.
 */
export function toReplicas<Name extends string>(
  values: { readonly [name in Name]: PerReplica },
  replicas: number,
): { [name in Name]: tf.Tensor1D } {
  const lists = Object.entries<PerReplica>(values).map(([name, value]): [string, number[]] => {
    if (typeof value === 'number') return [name, new Array<number>(replicas).fill(value)];
    if (value.length === replicas) return [name, [...value]];
    throw new RangeError(
      `${name} has ${value.length} values for ${replicas} replicas; give one number or one each.`,
    );
  });
  return Object.fromEntries(lists.map(([name, list]) => [name, tf.tensor1d(list)])) as {
    [name in Name]: tf.Tensor1D;
  };
}

/** Number of replicas: the first axis of the first parameter. */
export function replicasOf(parameters: NamedTensors): number {
  const [first] = Object.values(parameters);
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

/** A running mean with the new value in it: beta * old + (1 - beta) * value, beta [R]. */
export function mix(old: tf.Tensor, value: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const b = against(beta, value);
  return tf.add(tf.mul(old, b), tf.mul(value, tf.sub(1, b)));
}
