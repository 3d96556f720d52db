import * as tf from '@tensorflow/tfjs-core';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { shapeCheck } from './shapes.js';

const check = shapeCheck('squaredNorm', { x: 'R ...' });

/** Sum of the squares of each replica's entries: [R, ...] to [R]. Not differentiable on backends with a kernel for it. */
export function squaredNorm(x: tf.Tensor): tf.Tensor1D {
  check({ x });
  return tf.tidy(() =>
    hasKernel('SquaredNormPerReplica')
      ? tf.squeeze(tf.slice(runKernel('SquaredNormPerReplica', { x })[0], [0, 0], [1, -1]), [0])
      : sumOfSquares(flat(x)),
  );
}

/**
 * L2 norm of each replica over the tensors [R, ...] of every group together: [groups, R]. It overflows only where float32
 * cannot hold the norm itself. Not differentiable.
 */
export function norms(groups: readonly (readonly tf.Tensor[])[]): tf.Tensor2D {
  for (const x of groups.flat()) check({ x });
  return tf.tidy(() => {
    const [squares, scaled] = hasKernel('SquaredNormPerReplica') ? runSums(groups) : composedSums(groups);
    return tf.where(tf.lessEqual(squares, LARGEST), tf.sqrt(squares), tf.div(tf.sqrt(scaled), DOWN));
  });
}

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;
/** What to scale numbers with so that the square of the largest is one again. */
const DOWN = 2 ** -64;

type Groups = readonly (readonly tf.Tensor[])[];
/** Sums of squares, of the entries as they are and scaled down, [groups, R] each. */
type Sums = [squares: tf.Tensor2D, scaled: tf.Tensor2D];

function runSums(groups: Groups): Sums {
  return tf.unstack(sumsOf(groups), 1) as Sums;
}

/** [groups, 2, R] */
function sumsOf(groups: Groups): tf.Tensor3D {
  const each = groups.every((group) => group.length === 1);
  if (hasKernel('SquaredNormsOfAll') && (each || groups.length === 1)) {
    const tensors = Object.fromEntries(groups.flat().map((x, i) => [`x${i}`, x]));
    return runKernel('SquaredNormsOfAll', tensors, { each })[0];
  }
  const sums = groups.map((group) => tf.addN(group.map((x) => runKernel('SquaredNormPerReplica', { x })[0])));
  return tf.stack(sums) as tf.Tensor3D;
}

function composedSums(groups: Groups): Sums {
  const flats = groups.map((group) => group.map(flat));
  const squares = flats.map((group) => tf.addN(group.map(sumOfSquares)));
  // All of them at once: a few operations more, and not a few more for each tensor.
  const scaled = tf.square(tf.mul(tf.concat(flats.flat(), 1), DOWN));
  const sizes = flats.map((group) => group.reduce((size, { shape }) => size + shape[1], 0));
  const parts = groups.length === 1 ? [scaled] : tf.split(scaled, sizes, 1);
  return [tf.stack(squares), tf.stack(parts.map((part) => tf.sum(part, 1)))] as Sums;
}

/** [R, ...] as [R, size]. */
function flat(x: tf.Tensor): tf.Tensor2D {
  return tf.reshape(x, [x.shape[0]!, -1]);
}

function sumOfSquares(x: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(tf.square(x), 1);
}
