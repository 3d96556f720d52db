import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { HostStream } from '../random/streams.js';
import { composedEmbedBags, embedBags } from './embed-bags.js';
import { composedMemoryHop, type Memory, memoryHop } from './memory-hop.js';

const [R, B, SENTENCES, SLOTS, WORDS] = [3, 4, 5, 6, 9];

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});
afterAll(() => tf.setBackend('cpu'));

const random = new HostStream(1, 'task');

function normals(...shape: number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

/** A table whose nil row is zero. */
function table(width: number): tf.Tensor3D {
  const mask = tf.tensor(
    Float32Array.from({ length: WORDS }, (_, id) => Number(id > 0)),
    [WORDS, 1],
  );
  return tf.mul(normals(R, WORDS, width), mask) as tf.Tensor3D;
}

/** Memories that are empty, half full and full; sentences have gaps, as those with a time word do. */
function sentences(shared: boolean): tf.Tensor4D {
  const ids = tf.buffer([shared ? 1 : R, B, SENTENCES, SLOTS], 'int32');
  for (let r = 0; r < ids.shape[0]; r++)
    for (let b = 0; b < B; b++) {
      const filled = [0, SENTENCES, 2, 3][b]!;
      for (let i = 0; i < filled; i++)
        for (const j of [0, 1, 3, SLOTS - 1]) ids.set(1 + random.integer(WORDS - 1), r, b, i, j);
    }
  return ids.toTensor() as tf.Tensor4D;
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  for (const [i, value] of b.entries()) expect(a[i]).toBeCloseTo(value, 4);
}

// 8 fills whole vectors of four entries, 7 and 50 do not.
describe.each([7, 8, 50])('with embeddings of width %i', (width) => {
  it.each([true, false])('kernels embed as the composition does, shared sentences: %s', (shared) => {
    const weights = normals(SLOTS, width) as tf.Tensor2D;
    const bags = tf.reshape(sentences(shared), [shared ? 1 : R, B * SENTENCES, SLOTS]) as tf.Tensor3D;
    const words = table(width);
    const dy = normals(R, B * SENTENCES, width);
    expectClose(embedBags(words, bags, weights), composedEmbedBags(words, bags, weights));
    const gradient = (embed: typeof embedBags) =>
      tf.grad((t) => embed(t as tf.Tensor3D, bags, weights))(words, dy);
    expectClose(gradient(embedBags), scattered(bags, weights, dy));
  });

  it.each([true, false])('kernels hop as the composition does, shared sentences: %s', (shared) => {
    const memory = memoryOf(width, shared);
    const inputs = [normals(R, B, width), table(width), table(width)] as tf.Tensor3D[];
    const [query, input, output] = inputs as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    expectClose(memoryHop(query, input, output, memory), composedMemoryHop(query, input, output, memory));
  });
});

it('the gradient of a hop is that of the composition, but for the nil word', async () => {
  const width = 6;
  const memory = memoryOf(width, false);
  const inputs = [tf.mul(normals(R, B, width), 0.5), table(width), table(width)];
  const dy = normals(R, B, width);
  const gradients = (hop: typeof memoryHop) =>
    tf.grads((...tensors) => hop(...(tensors as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]), memory))(
      inputs,
      dy,
    );
  const kernels = gradients(memoryHop);
  // The wasm backend has no gradient for a gather.
  await tf.setBackend('cpu');
  const composed = gradients(composedMemoryHop);
  expectClose(kernels[0]!, composed[0]!);
  const withoutNil = (t: tf.Tensor) => tf.slice(t, [0, 1, 0], [R, WORDS - 1, width]);
  for (const which of [1, 2]) expectClose(withoutNil(kernels[which]!), withoutNil(composed[which]!));
  await tf.setBackend('wasm');
});

it('an embedding kernel keeps NaN, so that divergence is seen', () => {
  const memory = memoryOf(8, false);
  const lost = tf.fill([R, B, 8], Number.NaN) as tf.Tensor3D;
  const [hopped] = tf.unstack(memoryHop(lost, table(8), table(8), memory));
  expect(hopped!.dataSync().every(Number.isNaN)).toBe(true);
});

it.each([-1, -87.5, -88.7, -89, -200])(
  'a full memory whose scores are all %f weighs its sentences alike',
  (score) => {
    const query = tf.tensor3d([score, 0, 0, 0], [1, 1, 4]);
    const words = tf.tensor3d([0, 0, 0, 0, 1, 0, 0, 0], [1, 2, 4]);
    const ids = tf.ones([1, 1, 3, 1], 'int32') as tf.Tensor4D;
    const memory = { ids, weights: tf.ones([1, 4]) as tf.Tensor2D, linear: tf.zeros([1]) as tf.Tensor1D };
    expectClose(memoryHop(query, words, words, memory), tf.tensor3d([score + 1, 0, 0, 0], [1, 1, 4]));
  },
);

function memoryOf(width: number, shared: boolean): Memory {
  const linear = tf.tensor1d([0, 1, 0]);
  return { ids: sentences(shared), weights: normals(SLOTS, width) as tf.Tensor2D, linear };
}

/** The gradient of `embedBags`, entry by entry. */
function scattered(bags: tf.Tensor3D, weights: tf.Tensor2D, dy: tf.Tensor): tf.Tensor {
  const width = weights.shape[1];
  const sums = tf.buffer([R, WORDS, width]);
  const [ids, w, d] = [bags.arraySync(), weights.arraySync(), dy.arraySync() as number[][][]];
  for (let r = 0; r < R; r++)
    for (const [n, bag] of ids[bags.shape[0] === 1 ? 0 : r]!.entries())
      for (const [j, id] of bag.entries())
        for (let k = 0; id !== 0 && k < width; k++)
          sums.set(sums.get(r, id, k) + w[j]![k]! * d[r]![n]![k]!, r, id, k);
  return sums.toTensor();
}
