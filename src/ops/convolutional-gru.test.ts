import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { weightsInUse } from '../experiments/neural-gpu/network.js';
import { LAYERS, setSize } from '../experiments/neural-gpu/sets.js';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { HostStream } from '../random/streams.js';
import { PARTS } from './band.js';
import { type CgruWeights, cgru, cgruWeights } from './convolutional-gru.js';
import { TAPS, WIDTH } from './patches.js';

const numbers = new HostStream(1, 'task');
const random = (shape: number[], scale = 1) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * (2 * numbers.uniform() - 1)),
    shape,
  );
const largest = (t: tf.Tensor) => tf.max(tf.abs(t)).dataSync()[0]!;

/** One set of parameters as nested arrays: kernels [layer][part][width][position][from][to], biases [layer][part][map]. */
function unpack(set: Float32Array, m: number) {
  let at = 0;
  const list = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  const next = () => set[at++]!;
  const maps = () => list(m, next);
  const kernel = () => list(TAPS, () => list(TAPS, () => list(m, maps)));
  return {
    kernels: list(LAYERS, () => list(PARTS, kernel)),
    biases: list(LAYERS, () => list(PARTS, maps)),
  };
}

/** The zero-padded 3 x 3 convolution, sum by sum; images are [position][column][map]. */
function convolve(image: number[][][], kernel: number[][][][], bias: number[]): number[][][] {
  return image.map((row, k) =>
    row.map((_, w) =>
      bias.map((start, to) => {
        let sum = start;
        for (let dw = 0; dw < TAPS; dw++)
          for (let dk = 0; dk < TAPS; dk++)
            image[k + dk - 1]?.[w + dw - 1]?.forEach((value, from) => {
              sum += value * kernel[dw]![dk]![from]![to]!;
            });
        return sum;
      }),
    ),
  );
}

/** A CGRU as the paper writes it. */
function direct(image: number[][][], kernels: number[][][][][], biases: number[][]): number[][][] {
  const cut = (x: number) => Math.max(0, Math.min(1, 1.2 / (1 + Math.exp(-x)) - 0.1));
  const gate = (part: number) =>
    convolve(
      image,
      kernels[part]!,
      biases[part]!.map((bias) => bias + 1),
    ).map((row) => row.map((maps) => maps.map(cut)));
  const zip = (f: (...values: number[]) => number, ...images: number[][][][]) =>
    image.map((row, k) => row.map((maps, w) => maps.map((_, i) => f(...images.map((x) => x[k]![w]![i]!)))));
  const [u, r] = [gate(0), gate(1)];
  const reset = zip((a, b) => a * b, r, image);
  const candidate = convolve(reset, kernels[2]!, biases[2]!);
  return zip((gate, s, c) => gate * s + (1 - gate) * Math.tanh(c), u, image, candidate);
}

function makeWeights(R: number, m: number, scale = 1): { sets: tf.Tensor3D; weights: CgruWeights[] } {
  const sets = random([R, 1, setSize(m)], scale) as tf.Tensor3D;
  return { sets, weights: weightsInUse(sets, tf.zeros([R]), m)[0]! };
}

describe.each(['cpu', 'wasm'])('a CGRU on the %s backend', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await registerWasmKernels();
  });

  it.each([
    [1, 3],
    [4, 5],
    [6, 1],
  ])('equals a direct convolution, with %d maps and %d positions', (m, n) => {
    const [R, B] = [2, 3];
    const { sets, weights } = makeWeights(R, m);
    const state = random([R, n, B, WIDTH * m]) as tf.Tensor4D;
    const images = tf.reshape(state, [R, n, B, WIDTH, m]).arraySync() as unknown as number[][][][][];
    for (const layer of [0, 1]) {
      const next = cgru(state, weights[layer]!, tf.zeros([R, n])).dataSync();
      const expected: number[] = [];
      for (let r = 0; r < R; r++) {
        const { kernels, biases } = unpack(sets.slice([r], [1]).dataSync() as Float32Array, m);
        const sequences = Array.from({ length: B }, (_, b) =>
          direct(
            images[r]!.map((position) => position[b]!),
            kernels[layer]!,
            biases[layer]!,
          ),
        );
        for (let k = 0; k < n; k++) for (const sequence of sequences) expected.push(...sequence[k]!.flat());
      }
      for (const [i, value] of next.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
    }
  });

  it('shifts an image by one position with a kernel that is set by hand', () => {
    const m = 1;
    // Update gate closed, reset gate open; the candidate is the left neighbour of each position, in its own column.
    const set = new Float32Array(setSize(m));
    const kernelAt = (part: number, width: number, position: number) =>
      (part * TAPS + width) * TAPS + position;
    set[kernelAt(2, 1, 0)] = 1;
    const biases = LAYERS * PARTS * TAPS * TAPS;
    set[biases] = -20;
    set[biases + 1] = 20;
    const [weights] = weightsInUse(tf.tensor3d(set, [1, 1, set.length]), tf.zeros([1]), m)[0]!;
    const state = tf.tensor4d([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], [1, 2, 1, 4]);
    const next = cgru(state, weights!, tf.zeros([1, 2])).dataSync();
    // Winograd's convolutions round where the direct sums are exact.
    for (const value of next.slice(0, 4)) expect(value).toBeCloseTo(0, 6);
    for (const [i, value] of [0.1, 0.2, 0.3, 0.4].entries())
      expect(next[4 + i]).toBeCloseTo(Math.tanh(value), 6);
  });

  it('has the gradients that finite differences give', () => {
    const [R, n, B, m] = [2, 4, 2, 2];
    const { sets } = makeWeights(R, m, 0.6);
    const state = random([R, n, B, WIDTH * m]) as tf.Tensor4D;
    const direction = random([R, n, B, WIDTH * m]);
    const loss = (sets: tf.Tensor, state: tf.Tensor) => {
      const [first, second] = weightsInUse(sets as tf.Tensor3D, tf.zeros([R]), m)[0]!;
      const hold = tf.zeros([R, n]) as tf.Tensor2D;
      return cgru(cgru(state as tf.Tensor4D, first!, hold), second!, hold)
        .mul(direction)
        .sum() as tf.Scalar;
    };
    const gradients = tf.grads(loss as (...x: tf.Tensor[]) => tf.Tensor)([sets, state]);
    for (const [i, at] of [sets, state].entries()) {
      const along = random(at.shape);
      const moved = (by: number) => {
        const there = at.add(along.mul(by));
        return (i === 0 ? loss(there, state) : loss(sets, there)).dataSync()[0]!;
      };
      const slope = (moved(2e-3) - moved(-2e-3)) / 4e-3;
      const expected = gradients[i]!.mul(along).sum().dataSync()[0]!;
      expect(Math.abs(slope - expected)).toBeLessThan(0.01 * Math.max(1, Math.abs(expected)));
    }
  });

  it('passes no gradient through gates that are cut off', () => {
    const { weights } = makeWeights(1, 2, 0);
    const { kernels } = weights[0]!;
    const state = random([1, 3, 1, 8]) as tf.Tensor4D;
    const gradient = tf.grad((biases) =>
      cgru(state, cgruWeights([{ kernels, biases: biases as tf.Tensor2D }])[0]!, tf.zeros([1, 3])).sum(),
    )(tf.fill([1, 6], 50));
    expect(largest(gradient.slice([0, 0], [1, 4]))).toBe(0);
  });

  it('holds positions bit for bit, and their gradient passes unchanged', () => {
    const { weights } = makeWeights(2, 3);
    const state = random([2, 4, 2, 12]) as tf.Tensor4D;
    const hold = tf.tensor2d([
      [0, 0, 1, 1],
      [1, 1, 1, 1],
    ]);
    const dy = random([2, 4, 2, 12]);
    const [next, gradient] = [
      cgru(state, weights[0]!, hold),
      tf.grad((s) => cgru(s as tf.Tensor4D, weights[0]!, hold))(state, dy),
    ];
    expect(next.slice([1], [1]).dataSync()).toEqual(state.slice([1], [1]).dataSync());
    expect(next.slice([0, 2], [1, 2]).dataSync()).toEqual(state.slice([0, 2], [1, 2]).dataSync());
    expect(gradient.slice([1], [1]).dataSync()).toEqual(dy.slice([1], [1]).dataSync());
    expect(largest(next.slice([0], [1]).sub(state.slice([0], [1])))).toBeGreaterThan(0.01);
  });

  it('keeps no tensors but its output', () => {
    const { weights } = makeWeights(2, 2);
    const state = random([2, 3, 2, 8]) as tf.Tensor4D;
    const hold = tf.zeros([2, 3]) as tf.Tensor2D;
    const before = tf.memory().numTensors;
    tf.dispose(cgru(state, weights[0]!, hold));
    tf.dispose(tf.grad((s) => cgru(s as tf.Tensor4D, weights[0]!, hold).sum())(state));
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('gives the same on both backends, gradients included', async () => {
  const [R, n, B, m] = [2, 5, 3, 4];
  const data = [random([R, 1, setSize(m)]), random([R, n, B, WIDTH * m]), random([R, n, B, WIDTH * m])].map(
    (t) => [t.dataSync().slice(), t.shape] as const,
  );
  const results: tf.TypedArray[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const [sets, state, dy] = data.map(([values, shape]) => tf.tensor(values as Float32Array, shape)) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const { value, grads } = tf.valueAndGrads((...[sets, state]: tf.Tensor[]) => {
      const [first] = weightsInUse(sets as tf.Tensor3D, tf.zeros([R]), m)[0]!;
      return cgru(state as tf.Tensor4D, first!, tf.zeros([R, n])) as tf.Tensor;
    })([sets, state], dy);
    results.push([value, ...grads].map((t) => t.dataSync()));
  }
  for (const [i, values] of results[0]!.entries())
    for (const [k, value] of values.entries()) expect(results[1]![i]![k]).toBeCloseTo(value, 4);
});
