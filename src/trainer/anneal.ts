import * as tf from '@tensorflow/tfjs';
import type { TrainSettings } from '../optimiser/settings.js';

/** What the learning rate is multiplied by at update `step`, an int32 scalar: a scalar, or [R]. */
export type RateFactor = (step: tf.Scalar) => tf.Scalar | tf.Tensor1D;

/**
 * Every replica's annealing over a budget of N updates: update t = 0 .. N - 1 has min(1, (N - t) / (anneal N)) of the rate,
 * so that the rate is whole until the last share of the updates begins, and would be 0 at update N. A population in which
 * none is annealed has none; in others, replicas that are not have a factor of 1, which changes no bit.
 * @param own what the experiment itself multiplies the rate by.
 * @returns a function that allocates tensors, which are its caller's to tidy.
 */
export function annealing(
  replicas: readonly Pick<TrainSettings, 'anneal'>[],
  updates: number,
  own?: RateFactor,
): RateFactor | undefined {
  if (!replicas.some(({ anneal = 0 }) => anneal > 0)) return own;
  // Divided by at least one update: a rate that is not annealed stays whole to the end.
  const spans = replicas.map(({ anneal = 0 }) => Math.max(1, anneal * updates));
  return (step) => {
    const left = tf.sub(updates, tf.cast(step, 'float32'));
    const factor = tf.minimum(tf.div(left, spans), 1) as tf.Tensor1D;
    return own ? (tf.mul(own(step), factor) as tf.Tensor1D) : factor;
  };
}
