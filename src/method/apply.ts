import * as tf from '@tensorflow/tfjs';

/** New parameters: each [R, ...] plus its update. */
export function applyUpdates(parameters: readonly tf.Tensor[], updates: readonly tf.Tensor[]): tf.Tensor[] {
  return parameters.map((p, i) => tf.add(p, updates[i]!));
}
