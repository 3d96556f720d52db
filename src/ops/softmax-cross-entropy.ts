import * as tf from '@tensorflow/tfjs';
import { withGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';

const check = shapeCheck('softmaxCrossEntropy', { logits: 'R B classes', labels: 'int32 R B' });

/**
 * Softmax cross entropy of every example, [R, B]. TensorFlow.js has this loss with one axis less and two passes more; its
 * gradient is simply softmax - target.
 * @param logits [R, B, classes]
 * @param labels class of every example, int32 [R, B]
 * @throws RangeError when the shapes do not fit.
 */
export function softmaxCrossEntropy(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Tensor2D {
  check({ logits, labels });
  return withGradient(
    { logits },
    () => {
      const targets = tf.cast(tf.oneHot(labels, logits.shape[2]), 'float32');
      const shifted = tf.sub(logits, tf.max(logits, -1, true));
      const exps = tf.exp(shifted);
      const sums = tf.sum(exps, -1, true);
      const hit = tf.sum(tf.mul(shifted, targets), -1);
      return {
        value: tf.sub(tf.squeeze(tf.log(sums), [-1]), hit) as tf.Tensor2D,
        saved: { probabilities: tf.div(exps, sums), targets },
      };
    },
    (dy, { probabilities, targets }) => ({
      logits: tf.mul(tf.sub(probabilities, targets), tf.expandDims(dy, -1)),
    }),
  );
}
