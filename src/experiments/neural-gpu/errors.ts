import * as tf from '@tensorflow/tfjs';
import { PAD } from './tasks.js';

/**
 * What of the answers is wrong. Positions whose target is PAD do not count, as in the public code: they are trained on,
 * but what stands behind a result is not asked for.
 * @param logits [R, n, B, symbols]
 * @param targets int32 [R, n, B], or [1, n, B] for all replicas
 * @returns wrong symbols, and sequences with at least one, each [R]
 */
export function wrongAnswers(
  logits: tf.Tensor4D,
  targets: tf.Tensor3D,
): { symbols: tf.Tensor1D; sequences: tf.Tensor1D } {
  return tf.tidy(() => {
    const missed = tf.logicalAnd(
      tf.notEqual(tf.argMax(logits, 3), targets),
      tf.broadcastTo(tf.notEqual(targets, PAD), logits.shape.slice(0, 3)),
    );
    const perSequence = tf.sum(tf.cast(missed, 'float32'), 1);
    return {
      symbols: tf.sum(perSequence, 1) as tf.Tensor1D,
      sequences: tf.sum(tf.minimum(perSequence, 1), 1) as tf.Tensor1D,
    };
  });
}
