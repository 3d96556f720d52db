import * as tf from '@tensorflow/tfjs';
import type { ParameterSpec, Replica, Settings } from './experiment.js';

export function seedsOf(replicas: readonly { readonly seed: number }[]): number[] {
  return replicas.map(({ seed }) => seed);
}

/** A number of each replica's settings, [R]. */
export function perReplica<S extends Settings>(
  replicas: readonly Replica<S>[],
  pick: (settings: S) => number,
): tf.Tensor1D {
  return tf.tensor1d(replicas.map(({ settings }) => pick(settings)));
}

/** How many numbers the parameters of one replica are. */
export function weightCount(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);
}
