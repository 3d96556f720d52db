import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { normals, uniforms } from '../random/philox.js';
import { hexFloats, largestUlps, TENSORFLOW_VECTORS } from '../random/vectors.test-helper.js';
import { addStatelessNormal, hasFusedNoise, statelessNormal, statelessUniform } from './stateless-random.js';

const PAIRS: [number, number][] = [
  [0, 0],
  [1, 2],
  [-1, 5],
];
const row = (tensor: tf.Tensor, replica: number) => tensor.slice([replica], [1]).dataSync() as Float32Array;
const bits = (tensor: tf.Tensor) => new Int32Array((tensor.dataSync() as Float32Array).slice().buffer);

describe.each(['cpu', 'wasm'])('on the %s backend', (backend) => {
  let seeds: tf.Tensor2D;

  beforeAll(async () => {
    await tf.setBackend(backend);
    if (backend === 'wasm') await registerWasmKernels();
    seeds = tf.tensor2d(PAIRS, [3, 2], 'int32');
  });

  it("statelessNormal gives TensorFlow's normals within 4 units in the last place", () => {
    const int32 = TENSORFLOW_VECTORS.filter(({ seed }) => seed[0] === (seed[0] | 0));
    const drawn = statelessNormal(
      tf.tensor2d(
        int32.map(({ seed }) => seed),
        [int32.length, 2],
        'int32',
      ),
      10,
    );
    int32.forEach((vector, r) => {
      expect(largestUlps(row(drawn, r), hexFloats(vector.normals))).toBeLessThanOrEqual(4);
    });
  });

  it.each([1, 3, 4, 15, 16, 17, 1000])('draws %d numbers per replica like the reference', (size) => {
    const [normal, uniform] = [statelessNormal(seeds, size), statelessUniform(seeds, size)];
    expect(normal.shape).toEqual([3, size]);
    PAIRS.forEach((pair, r) => {
      expect(largestUlps(row(normal, r), normals(pair, size))).toBeLessThanOrEqual(4);
      expect(row(uniform, r)).toEqual(uniforms(pair, size));
    });
  });

  it('agrees with the reference over a million normals', () => {
    const drawn = statelessNormal(tf.tensor2d([[11, 12]], [1, 2], 'int32'), 1_000_000);
    expect(largestUlps(drawn.dataSync() as Float32Array, normals([11, 12], 1_000_000))).toBeLessThanOrEqual(
      4,
    );
  });

  it.each([
    [[3, 7], 0],
    [[3, 2, 9], 4],
    [[3, 64], 100],
    [[3], 8],
  ])('adds to x of shape %j the normals from offset %d on', (shape, offset) => {
    const x = tf.randomUniform(shape, -1, 1, 'float32', 1);
    const deviation = tf.tensor1d([0.5, 2, 1e-3]);
    const size = x.size / 3;
    const noise = statelessNormal(seeds, offset + size).slice([0, offset], [3, size]);
    const expected = x
      .reshape([3, size])
      .add(noise.mul(deviation.expandDims(1)))
      .reshape(shape);
    expect(bits(addStatelessNormal(x, seeds, deviation, offset))).toEqual(bits(expected));
  });

  it('leaves x unchanged bit for bit where the deviation is 0', () => {
    const x = tf.tensor2d(
      [
        [-0, 0, 1],
        [-0, Number.NaN, Number.POSITIVE_INFINITY],
        [1, 2, 3],
      ],
      [3, 3],
    );
    const y = addStatelessNormal(x, seeds, tf.tensor1d([0, 0, 1]), 0);
    expect(bits(y).subarray(0, 6)).toEqual(bits(x).subarray(0, 6));
    expect(bits(y).subarray(6)).not.toEqual(bits(x).subarray(6));
  });

  it('gives a replica the same numbers alone as in a population', () => {
    const alone = statelessNormal(tf.tensor2d([PAIRS[2]!], [1, 2], 'int32'), 21);
    expect(bits(alone)).toEqual(bits(statelessNormal(seeds, 21).slice([2], [1])));
  });

  it('leaves no tensors behind', () => {
    const x = tf.ones([3, 5]);
    const deviation = tf.ones([3]) as tf.Tensor1D;
    const before = tf.memory();
    tf.dispose([
      statelessNormal(seeds, 9),
      statelessUniform(seeds, 9),
      addStatelessNormal(x, seeds, deviation, 4),
    ]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });

  it('has fused noise', () => {
    expect(hasFusedNoise()).toBe(true);
  });

  it('refuses float seeds, an odd offset and a deviation of another population', () => {
    const x = tf.ones([3, 5]);
    const deviation = tf.ones([3]) as tf.Tensor1D;
    expect(() => statelessNormal(tf.zeros([3, 2]), 4)).toThrow(/int32/);
    expect(() => addStatelessNormal(x, seeds, deviation, 2)).toThrow(/multiple of 4/);
    expect(() => addStatelessNormal(x, seeds, tf.ones([2]) as tf.Tensor1D, 0)).toThrow(/deviation \[2\]/);
  });
});

it('adds the same noise on a backend without a fused kernel', async () => {
  await tf.setBackend('cpu');
  const seeds = tf.tensor2d(PAIRS, [3, 2], 'int32');
  const deviation = tf.tensor1d([0.5, 0, 2]);
  const x = tf.tensor2d([1, 2, 3, 4, -0, 5, 6, 7, 8], [3, 3]);
  const fused = bits(addStatelessNormal(x, seeds, deviation, 8));
  const kernel = tf.getKernel('AddStatelessRandomNormalPerReplica', 'cpu');
  tf.unregisterKernel('AddStatelessRandomNormalPerReplica', 'cpu');
  expect(hasFusedNoise()).toBe(false);
  expect(bits(addStatelessNormal(x, seeds, deviation, 8))).toEqual(fused);
  tf.registerKernel(kernel);
});
