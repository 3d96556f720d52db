import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { withGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';
import { statelessUniform } from './stateless-random.js';

const check = shapeCheck('dropout', { x: 'R ...', seeds: 'int32 R 2', rate: 'R' });

/**
 * Inverted dropout: each entry becomes 0 with its replica's probability, and the rest is scaled to keep the mean.
 * @param x [R, ...]
 * @param seeds stream of this step and layer, int32 [R, 2]
 * @param rate probability of dropping, [R], in [0, 1)
 * @throws RangeError when the shapes do not fit.
 */
export function dropout<T extends tf.Tensor>(x: T, seeds: tf.Tensor2D, rate: tf.Tensor1D): T {
  check({ x, seeds, rate });
  return (hasKernel('DropoutPerReplica') ? dropoutInOnePass : maskedDropout)(x, seeds, rate) as T;
}

type Stream = { seeds: tf.Tensor2D; rate: tf.Tensor1D };

function drop(x: tf.Tensor, stream: Stream): tf.Tensor {
  return runKernel('DropoutPerReplica', { x, ...stream })[0];
}

/** The gradient is dropped by the same numbers, drawn again: nothing is kept for it. */
function dropoutInOnePass(x: tf.Tensor, seeds: tf.Tensor2D, rate: tf.Tensor1D): tf.Tensor {
  return withGradient(
    { x },
    () => ({ value: drop(x, { seeds, rate }), saved: { seeds, rate } }),
    (dy, stream) => ({ x: drop(dy, stream) }),
  );
}

function maskedDropout(x: tf.Tensor, seeds: tf.Tensor2D, rate: tf.Tensor1D): tf.Tensor {
  const mask = tf.tidy(() => {
    const uniform = statelessUniform(seeds, x.size / x.shape[0]!);
    const rates = tf.expandDims(rate, 1);
    // uniform >= rate, by what is exact in floating point and, unlike comparisons, fast on all backends.
    const kept = tf.sub(1, tf.step(tf.sub(rates, uniform)));
    return tf.reshape(tf.div(kept, tf.sub(1, rates)), x.shape);
  });
  return tf.mul(x, mask);
}
