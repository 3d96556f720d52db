import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { clipByGlobalNorm, clipByNorm, globalNorm } from './clip.js';
import type { NamedTensors } from './named-tensors.js';
import { chain, type GradientTransformation } from './transformation.js';

/** Three replicas, of norms 5, 0.5 and 0. */
const gradients = { a: tf.tensor2d([[3], [0.3], [0]]), b: tf.tensor3d([[[4]], [[0.4]], [[0]]]) };

function clipped(transformation: GradientTransformation): NamedTensors {
  const { init, update } = chain(transformation);
  return update(gradients, init(gradients), tf.scalar(0, 'int32')).updates;
}

describe('clipping', () => {
  it('by the global norm shrinks all tensors of a replica by one factor, each replica on its own', () => {
    const updates = clipped(clipByGlobalNorm(1));
    const norms = [...globalNorm(Object.values(updates)).dataSync()];
    expect(norms[0]).toBeCloseTo(1, 6);
    expect(norms[1]).toBeCloseTo(0.5, 6);
    expect(norms[2]).toBe(0);
    expect(updates.a!.dataSync()[0]).toBeCloseTo(0.6, 6);
  });

  it('by the norm of each tensor treats tensors apart', () => {
    const { a, b } = clipped(clipByNorm(1));
    expect(a!.dataSync()[0]).toBeCloseTo(1, 6);
    expect(b!.dataSync()[0]).toBeCloseTo(1, 6);
    expect(b!.dataSync()[1]).toBeCloseTo(0.4, 6);
  });

  it('has a threshold for each replica', () => {
    expect([...clipped(clipByNorm([1, 0.1, 1])).a!.dataSync()]).toEqual([1, 0.1, 0].map(Math.fround));
  });

  it('at infinity changes nothing, bit for bit', () => {
    for (const clip of [clipByGlobalNorm, clipByNorm]) {
      const { a, b } = clipped(clip(Number.POSITIVE_INFINITY));
      expect(a!.dataSync()).toEqual(gradients.a.dataSync());
      expect(b!.dataSync()).toEqual(gradients.b.dataSync());
    }
  });
});
