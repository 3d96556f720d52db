import type * as tf from '@tensorflow/tfjs-core';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { shapeCheck } from './shapes.js';

/** What an update does to all gradients before the optimiser sees them. */
export interface Preparation {
  /** What clipping multiplies gradients with, [1, R], or a row for each tensor; null for none. */
  readonly scales: tf.Tensor2D | null;
  /** Null for none. */
  readonly noise: {
    /** int32 [R, 2] */
    readonly seeds: tf.Tensor2D;
    /** Standard deviations, [R]; 0 leaves a gradient as it is. */
    readonly deviations: tf.Tensor1D;
    /** Of each tensor, where in its replica's stream its normals start: a multiple of 4. */
    readonly starts: readonly number[];
  } | null;
  /** What moves are multiplied with in the end, [R]; null for none. */
  readonly factors: tf.Tensor1D | null;
}

/** Whether the current backend takes whole steps in one call. */
export function hasFusedSteps(): boolean {
  return hasKernel('NoisyDescent') && hasKernel('NoisyAdam');
}

/**
 * A step of gradient descent on all tensors at once: parameter + (gradient scale + deviation normal) rate factor.
 * @param parameters and gradients [R, ...], in the same order and of the same shapes.
 * @param rates the negative rates, [R].
 * @throws RangeError when the shapes do not fit.
 */
export function noisyDescent(
  parameters: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  rates: tf.Tensor1D,
  preparation: Preparation,
): tf.Tensor[] {
  checkAll('noisyDescent', [parameters, gradients], preparation);
  checkRates({ rates }, { R: replicasOf(parameters) });
  const inputs = { ...listed('p', parameters), ...listed('g', gradients), rates, ...shared(preparation) };
  return runKernel('NoisyDescent', inputs, { starts: startsOf(preparation, parameters.length) });
}

/** Adam's state before or after a step: parameters and moments, each [R, ...], in the same order. */
export interface Moments {
  readonly parameters: readonly tf.Tensor[];
  readonly means: readonly tf.Tensor[];
  readonly squares: readonly tf.Tensor[];
}

/**
 * A step of Adam on all tensors at once.
 * @param numbers [7, R]: beta1, 1 - beta1, beta2, 1 - beta2, 1 - beta2^t, the negative rate over 1 - beta1^t, and epsilon.
 * @throws RangeError when the shapes do not fit.
 */
export function noisyAdam(
  { parameters, means, squares }: Moments,
  gradients: readonly tf.Tensor[],
  numbers: tf.Tensor2D,
  preparation: Preparation,
): Moments {
  checkAll('noisyAdam', [parameters, means, squares, gradients], preparation);
  checkNumbers({ numbers }, { R: replicasOf(parameters) });
  const tensors = { ...listed('p', parameters), ...listed('mean', means), ...listed('square', squares) };
  const inputs = { ...tensors, ...listed('g', gradients), numbers, ...shared(preparation) };
  const outputs = runKernel('NoisyAdam', inputs, { starts: startsOf(preparation, parameters.length) });
  const every = (first: number) => parameters.map((_, i) => outputs[3 * i + first]!);
  return { parameters: every(0), means: every(1), squares: every(2) };
}

const checkRates = shapeCheck('noisyDescent', { rates: 'R' });
const checkNumbers = shapeCheck('noisyAdam', { numbers: '7 R' });
const checkScales = shapeCheck('a fused step', { scales: 'rows R' });
const checkNoise = shapeCheck('a fused step', { seeds: 'int32 R 2', deviations: 'R' });
const checkFactors = shapeCheck('a fused step', { factors: 'R' });

function replicasOf(parameters: readonly tf.Tensor[]): number {
  return parameters[0]?.shape[0] ?? 0;
}

/** Kernels take sizes from the parameters: anything else would make them read what is not the tensor's. */
function checkAll(
  op: string,
  lists: readonly (readonly tf.Tensor[])[],
  { scales, noise, factors }: Preparation,
): void {
  const [parameters, ...others] = lists as [readonly tf.Tensor[], ...(readonly tf.Tensor[])[]];
  const R = replicasOf(parameters);
  for (const list of others)
    if (list.length !== parameters.length)
      throw new RangeError(
        `${op} needs as many tensors as there are parameters, ${parameters.length}; it got ${list.length}.`,
      );
  for (const [i, { shape, dtype }] of parameters.entries())
    for (const { [i]: other } of others)
      if (
        dtype !== 'float32' ||
        other!.dtype !== 'float32' ||
        shape[0] !== R ||
        shape.join() !== other!.shape.join()
      )
        throw new RangeError(
          `${op} needs tensors of their parameter's shape, float32 [${shape}] with ${R} replicas; it got ${other!.dtype} [${other!.shape}].`,
        );
  if (scales) checkScales({ scales }, { R, rows: scales.shape[0] === 1 ? 1 : parameters.length });
  if (noise) checkNoise(noise, { R });
  if (noise && noise.starts.length !== parameters.length)
    throw new RangeError(
      `${op} needs a start for each of ${parameters.length} parameters; it got ${noise.starts.length}.`,
    );
  if (factors) checkFactors({ factors }, { R });
}

function listed(name: string, tensors: readonly tf.Tensor[]): { [name: string]: tf.Tensor } {
  const named: { [name: string]: tf.Tensor } = {};
  for (let i = 0; i < tensors.length; i++) named[name + i] = tensors[i]!;
  return named;
}

function shared({ scales, noise, factors }: Preparation): { [name: string]: tf.Tensor } {
  return {
    ...(scales && { scales }),
    ...(noise && { seeds: noise.seeds, deviations: noise.deviations }),
    ...(factors && { factors }),
  };
}

function startsOf({ noise }: Preparation, tensors: number): readonly number[] {
  return noise?.starts ?? new Array<number>(tensors).fill(0);
}
