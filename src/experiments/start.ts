import * as tf from '@tensorflow/tfjs';
import { against } from '../method/per-replica.js';
import { statelessNormal, statelessUniform } from '../ops/stateless-random.js';
import { streamSeeds } from '../random/streams.js';

type Draw = (seeds: tf.Tensor2D, count: number) => tf.Tensor2D;

/**
 * Normal numbers of deviation 1 from every replica's `init` stream, where those of all tensors lie one after the other: a
 * trial starts the same alone and in any population.
 * @param shapes of the tensors, without the replica axis.
 * @returns [R, ...shape] each.
 */
export function startNormals(seeds: readonly number[], shapes: readonly (readonly number[])[]): tf.Tensor[] {
  return draw(statelessNormal, seeds, shapes);
}

/** As `startNormals`, uniform in -1 .. 1. */
export function startUniforms(seeds: readonly number[], shapes: readonly (readonly number[])[]): tf.Tensor[] {
  const symmetric: Draw = (streams, count) => tf.sub(tf.mul(statelessUniform(streams, count), 2), 1);
  return draw(symmetric, seeds, shapes);
}

/** The part of every replica times its own factor. @param x [R, ...] */
export function scaled(x: tf.Tensor, factors: readonly number[]): tf.Tensor {
  return tf.tidy(() => tf.mul(x, against(tf.tensor1d([...factors]), x)));
}

function draw(from: Draw, seeds: readonly number[], shapes: readonly (readonly number[])[]): tf.Tensor[] {
  return tf.tidy(() => {
    const sizes = shapes.map((shape) => tf.util.sizeFromShape([...shape]));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const parts = tf.split(from(streamSeeds(seeds, 'init'), total), sizes, 1);
    return parts.map((part, i) => tf.reshape(part, [seeds.length, ...shapes[i]!]));
  });
}
