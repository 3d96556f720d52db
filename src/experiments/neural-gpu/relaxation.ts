import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../../kernels/registry.js';
import { withGradient } from '../../ops/gradients.js';

/**
 * The sets that the steps of a sequence use: a replica's own where it is still relaxed, and its first one everywhere where
 * it shares one set. The gradient of a shared set is then the sum over all steps, and the other sets have none: the
 * network has one set's parameters, as clipping and the optimiser see it.
 * @param sets [R, r, size]
 * @param shared 1 where one set is shared, else 0, [R]
 */
export function setsInUse(sets: tf.Tensor3D, shared: tf.Tensor1D): tf.Tensor3D {
  const r = sets.shape[1];
  if (r === 1) return sets;
  return tf.tidy(() => {
    const own = tf.expandDims(tf.eye(r), 0);
    const first = tf.expandDims(tf.eye(1, r).tile([r, 1]), 0);
    const choice = tf.where(tf.greater(tf.reshape(shared, [-1, 1, 1]), 0), first, own);
    return tf.matMul(choice as tf.Tensor3D, sets);
  });
}

/** Sum over parameters and sets [R, r, size] of the squared distance from the mean set, [R]. Its gradient is 2 (set - mean). */
export function spread(sets: tf.Tensor3D): tf.Tensor1D {
  return hasKernel('SetSpread') ? spreadInOnePass(sets) : composedSpread(sets);
}

function spreadInOnePass(sets: tf.Tensor3D): tf.Tensor1D {
  return withGradient(
    { sets },
    () => ({ value: runKernel('SetSpread', { sets })[0], saved: { sets } }),
    (dy, saved) => ({ sets: runKernel('SetSpreadGradient', { dy, ...saved })[0] }),
  );
}

function composedSpread(sets: tf.Tensor3D): tf.Tensor1D {
  return tf.tidy(() => tf.sum(tf.square(tf.sub(sets, tf.mean(sets, 1, true))), [1, 2]));
}

/**
 * Every set replaced by the replica's mean set where `chosen` is 1; the other replicas stay bit for bit.
 * @param x [R, r, ...]
 * @param chosen [R] of 0 and 1
 */
export function averageSets<T extends tf.Tensor>(x: T, chosen: tf.Tensor1D): T {
  return tf.tidy(() => {
    const mean = tf.broadcastTo(tf.mean(x, 1, true), x.shape);
    const flags = tf.reshape(tf.greater(chosen, 0), [-1, ...new Array<number>(x.rank - 1).fill(1)]);
    return tf.where(flags, mean, x) as T;
  });
}
