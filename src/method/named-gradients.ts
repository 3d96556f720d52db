import type * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from './named-tensors.js';

/** A gradient and the name of its variable, as TensorFlow.js optimisers take them; none where the loss does not use it. */
export interface NamedGradient {
  name: string;
  tensor: tf.Tensor | null | undefined;
}

/** What `Optimizer.applyGradients` accepts. */
export type NamedGradients = tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[];

/** The gradients as a list; a map keeps the order in which its entries were made. */
export function listGradients(gradients: NamedGradients): NamedGradient[] {
  return Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
}

/** The gradients that are there, by the names of their variables. */
export function presentGradients(list: readonly NamedGradient[]): NamedTensors {
  return Object.fromEntries(list.flatMap(({ name, tensor }) => (tensor ? [[name, tensor]] : [])));
}
