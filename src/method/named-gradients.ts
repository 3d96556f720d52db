import type * as tf from '@tensorflow/tfjs';

/** A gradient and the name of its variable, as TensorFlow.js optimisers take them. */
export interface NamedGradient {
  name: string;
  tensor: tf.Tensor;
}

/** What `Optimizer.applyGradients` accepts. */
export type NamedGradients = tf.NamedTensorMap | NamedGradient[];

/** The gradients as a list; a map keeps the order in which its entries were made. */
export function listGradients(gradients: NamedGradients): NamedGradient[] {
  return Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
}
