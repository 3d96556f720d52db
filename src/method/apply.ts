import * as tf from '@tensorflow/tfjs';
import { mapTensors, type NamedTensors } from './named-tensors.js';

/** New parameters: each [R, ...] plus its update, where it has one. */
export function applyUpdates(parameters: NamedTensors, updates: NamedTensors): NamedTensors {
  return { ...parameters, ...mapTensors(updates, (update, name) => tf.add(parameters[name]!, update)) };
}
