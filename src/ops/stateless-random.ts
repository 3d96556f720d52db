import * as tf from '@tensorflow/tfjs';
import { registerCpuKernels } from '../kernels/cpu.js';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { shapeCheck } from './shapes.js';

// The backend `cpu` is there without being opened, and draws from the reference.
registerCpuKernels();

const checkNormal = shapeCheck('statelessNormal', { seeds: 'int32 R 2' });
const checkUniform = shapeCheck('statelessUniform', { seeds: 'int32 R 2' });
const checkAdd = shapeCheck('addStatelessNormal', { x: 'R ...', seeds: 'int32 R 2', deviation: 'R' });

/**
 * Standard normals, a row per replica: row r is TensorFlow's `stateless_normal([size], seeds[r])`. Not differentiable:
 * seeds are integers, so a gradient never reaches it.
 * @param seeds int32 [R, 2].
 * @returns float32 [R, size].
 */
export function statelessNormal(seeds: tf.Tensor2D, size: number): tf.Tensor2D {
  checkNormal({ seeds });
  return runKernel('StatelessRandomNormalPerReplica', { seeds }, { size })[0];
}

/**
 * Uniforms in [0, 1), a row per replica: row r is TensorFlow's `stateless_uniform([size], seeds[r])`. Not
 * differentiable.
 * @param seeds int32 [R, 2].
 * @returns float32 [R, size].
 */
export function statelessUniform(seeds: tf.Tensor2D, size: number): tf.Tensor2D {
  checkUniform({ seeds });
  return runKernel('StatelessRandomUniformPerReplica', { seeds }, { size })[0];
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
  checkAdd({ x, seeds, deviation });
  if (!Number.isInteger(offset) || offset < 0 || offset % 4 !== 0) {
    throw new RangeError(
      `addStatelessNormal: offset must be a multiple of 4 and not negative, got ${offset}`,
    );
  }
  return hasFusedNoise()
    ? runKernel('AddStatelessRandomNormalPerReplica', { x, seeds, deviation }, { offset })[0]
    : addSlicedNormal(x, seeds, deviation, offset);
}

/**
 * Whether the current backend adds noise in one pass. Where it does not, drawing one long `statelessNormal` for all
 * tensors and splitting it is faster than an `addStatelessNormal` per tensor.
 */
export function hasFusedNoise(): boolean {
  return hasKernel('AddStatelessRandomNormalPerReplica');
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
