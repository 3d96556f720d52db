import * as tf from '@tensorflow/tfjs';

/**
 * Softmax cross entropy of every example, [R, B].
 * @param logits [R, B, classes]
 * @param labels class of every example, int32 [R, B]
 */
export function softmaxCrossEntropy(logits: tf.Tensor3D, labels: tf.Tensor2D): tf.Tensor2D {
  const classes = logits.shape[2];
  const targets = tf.oneHot(labels, classes) as tf.Tensor3D;
  return crossEntropy(logits, targets) as tf.Tensor2D;
}

// TensorFlow.js has this loss with one axis less and two passes more; its gradient is simply softmax - target.
const crossEntropy = tf.customGrad((...inputs) => {
  const [logits, targets, save] = inputs as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
  const shifted = tf.sub(logits, tf.max(logits, -1, true));
  const exps = tf.exp(shifted);
  const sums = tf.sum(exps, -1, true);
  const hit = tf.sum(tf.mul(shifted, tf.cast(targets, 'float32')), -1);
  save([tf.div(exps, sums), targets]);
  return {
    value: tf.sub(tf.squeeze(tf.log(sums), [-1]), hit),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [probabilities, truth] = saved as [tf.Tensor, tf.Tensor];
      const difference = tf.sub(probabilities, tf.cast(truth, 'float32'));
      return [tf.mul(difference, tf.expandDims(dy, -1)), tf.zerosLike(truth)];
    },
  };
});
