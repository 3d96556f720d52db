import * as tf from '@tensorflow/tfjs';
import { registerCpuKernels } from './cpu.js';
import { ADD_STATELESS_NORMAL, STATELESS_NORMAL, STATELESS_UNIFORM } from './kernel-names.js';

registerCpuKernels();

/**
 * Standard normals, a row per replica: row r is TensorFlow's `stateless_normal([size], seeds[r])`. Not differentiable:
 * seeds are integers, so a gradient never reaches it.
 * @param seeds int32 [R, 2].
 * @returns float32 [R, size].
 */
export function statelessNormal(seeds: tf.Tensor2D, size: number): tf.Tensor2D {
  checkSeeds('statelessNormal', seeds);
  return tf.engine().runKernel<tf.Tensor2D>(STATELESS_NORMAL, { seeds }, { size });
}

/**
 * Uniforms in [0, 1), a row per replica: row r is TensorFlow's `stateless_uniform([size], seeds[r])`. Not
 * differentiable.
 * @param seeds int32 [R, 2].
 * @returns float32 [R, size].
 */
export function statelessUniform(seeds: tf.Tensor2D, size: number): tf.Tensor2D {
  checkSeeds('statelessUniform', seeds);
  return tf.engine().runKernel<tf.Tensor2D>(STATELESS_UNIFORM, { seeds }, { size });
}

/**
 * `x` plus normals of a standard deviation per replica. Replica r gets elements `offset`, `offset + 1`, ... of the
 * normals of `seeds[r]`, so several tensors can share one stream without overlap. A deviation of 0 leaves x
 * unchanged, bit for bit. Not differentiable: it is meant for gradients, after they have been taken.
 * @param x float32 [R, ...].
 * @param seeds int32 [R, 2].
 * @param deviation standard deviations (not variances), float32 [R].
 * @param offset a multiple of 4, the size of a block of the generator.
 * @throws RangeError when `offset` is not, or the shapes do not fit.
 */
export function addStatelessNormal(
  x: tf.Tensor,
  seeds: tf.Tensor2D,
  deviation: tf.Tensor1D,
  offset: number,
): tf.Tensor {
  checkSeeds('addStatelessNormal', seeds);
  const replicas = seeds.shape[0];
  if (x.shape[0] !== replicas || deviation.rank !== 1 || deviation.size !== replicas) {
    throw new RangeError(
      `addStatelessNormal: x [${x.shape}] and deviation [${deviation.shape}] must have a row for each of the ` +
        `${replicas} replicas in seeds`,
    );
  }
  if (!Number.isInteger(offset) || offset < 0 || offset % 4 !== 0) {
    throw new RangeError(
      `addStatelessNormal: offset must be a multiple of 4 and not negative, got ${offset}`,
    );
  }
  return hasFusedNoise()
    ? tf.engine().runKernel<tf.Tensor>(ADD_STATELESS_NORMAL, { x, seeds, deviation }, { offset })
    : addSlicedNormal(x, seeds, deviation, offset);
}

/**
 * Whether the current backend adds noise in one pass. Where it does not, drawing one long `statelessNormal` for all
 * tensors and splitting it is faster than an `addStatelessNormal` per tensor.
 */
export function hasFusedNoise(): boolean {
  return tf.getKernel(ADD_STATELESS_NORMAL, tf.getBackend()) !== undefined;
}

function addSlicedNormal(
  x: tf.Tensor,
  seeds: tf.Tensor2D,
  deviation: tf.Tensor1D,
  offset: number,
): tf.Tensor {
  return tf.tidy(() => {
    const replicas = seeds.shape[0];
    const size = x.size / replicas;
    const noise = tf
      .slice(statelessNormal(seeds, offset + size), [0, offset], [replicas, size])
      .reshape(x.shape);
    const scale = deviation.reshape([replicas, ...x.shape.slice(1).map(() => 1)]);
    // 0 * noise would turn -0 into +0.
    return tf.where(scale.notEqual(0).broadcastTo(x.shape), x.add(noise.mul(scale)), x);
  });
}

function checkSeeds(op: string, seeds: tf.Tensor2D): void {
  if (seeds.dtype !== 'int32' || seeds.rank !== 2 || seeds.shape[1] !== 2) {
    throw new RangeError(`${op}: seeds must be int32 of shape [R, 2], got ${seeds.dtype} [${seeds.shape}]`);
  }
}
