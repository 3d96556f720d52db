import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { openBackend } from '../backends/index.js';
import { clipByGlobalNorm, clipByNorm, globalNorm } from './clip.js';
import type { NamedTensors } from './named-tensors.js';
import { chain, type GradientTransformation } from './transformation.js';

/** Three replicas, of norms 5, 0.5 and 0. */
const gradients = { a: tf.tensor2d([[3], [0.3], [0]]), b: tf.tensor3d([[[4]], [[0.4]], [[0]]]) };

const clipped = (transformation: GradientTransformation) => clippedOf(transformation, gradients);

function clippedOf(transformation: GradientTransformation, own: NamedTensors): NamedTensors {
  const { init, update } = chain(transformation);
  return update(own, init(own), tf.scalar(0, 'int32')).updates;
}

/** With a kernel for norms and without. */
const BACKENDS = ['cpu', 'wasm'] as const;

async function open(backend: (typeof BACKENDS)[number]): Promise<void> {
  await openBackend({ backend, device: 'cpu', threads: 0, verbose: false });
}

afterEach(() => open('cpu'));

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

  it.each([0, 1e-3])('leaves a gradient of 0 as it is, with a threshold of %d', (threshold) => {
    for (const clip of [clipByGlobalNorm, clipByNorm]) {
      const zeros = { a: tf.zeros([1, 3]), b: tf.zeros([1, 2, 2]) };
      for (const update of Object.values(clippedOf(clip(threshold), zeros)))
        expect([...update.dataSync()].every((x) => Object.is(x, 0))).toBe(true);
    }
  });

  it('makes 0 of every gradient with a threshold of 0', () => {
    expect([...clipped(clipByGlobalNorm(0)).a!.dataSync()]).toEqual([0, 0, 0]);
  });

  it.each(BACKENDS)('shortens a gradient whose square float32 cannot hold, on %s', async (backend) => {
    await open(backend);
    const large = { a: tf.tensor2d([[3e20], [3e37]]), b: tf.tensor2d([[4e20], [4e37]]) };
    const { a, b } = clippedOf(clipByGlobalNorm(10), large);
    for (const [i, x] of [6, 6].entries()) expect(a!.dataSync()[i]! / x).toBeCloseTo(1, 6);
    for (const [i, x] of [8, 8].entries()) expect(b!.dataSync()[i]! / x).toBeCloseTo(1, 6);
    expect(clippedOf(clipByNorm(10), large).a!.dataSync()[1]! / 10).toBeCloseTo(1, 6);
    expect([...globalNorm([large.a, large.b]).dataSync()].map((x) => x / 5e20)[0]).toBeCloseTo(1, 6);
  });

  it.each(BACKENDS)('never makes a quiet 0 of what holds an infinity or NaN, on %s', async (backend) => {
    await open(backend);
    const bad = tf.tensor2d([
      [1, Number.POSITIVE_INFINITY],
      [1, Number.NaN],
      [3e38, 3e38],
    ]);
    for (const clip of [clipByGlobalNorm, clipByNorm]) {
      const values = [...clippedOf(clip(1), { bad }).bad!.dataSync()];
      for (const replica of [0, 1, 2]) {
        const own = values.slice(2 * replica, 2 * replica + 2);
        expect(own.some(Number.isNaN), `replica ${replica}`).toBe(true);
        expect(own).not.toContain(0);
      }
    }
  });

  it.each(BACKENDS)(
    'with a threshold of infinity leaves a replica as it is alone, whatever it holds, on %s',
    async (backend) => {
      await open(backend);
      const wild = tf.tensor2d([
        [1e20, -1e20, -0],
        [Number.NaN, 1, 2],
        [Number.POSITIVE_INFINITY, 1, -0],
        [3, 4, 0],
      ]);
      const thresholds = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1];
      for (const clip of [clipByGlobalNorm, clipByNorm]) {
        const values = [...clippedOf(clip(thresholds), { wild }).wild!.dataSync()];
        expect(values.slice(0, 9)).toEqual([...wild.dataSync()].slice(0, 9));
        expect(values[9]).toBeCloseTo(0.6, 6);
      }
    },
  );

  it('at infinity changes nothing, bit for bit', () => {
    for (const clip of [clipByGlobalNorm, clipByNorm]) {
      const { a, b } = clipped(clip(Number.POSITIVE_INFINITY));
      expect(a!.dataSync()).toEqual(gradients.a.dataSync());
      expect(b!.dataSync()).toEqual(gradients.b.dataSync());
    }
  });
});
