import * as tf from '@tensorflow/tfjs';
import type { Replica, Settings } from './experiment.js';

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
