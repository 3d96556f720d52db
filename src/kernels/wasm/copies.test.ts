import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from './index.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

type Made = tf.Tensor | tf.Tensor[];

/** What both backends make of it: shapes, types and numbers. */
async function onBoth(make: () => Made) {
  const found = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const made = [make()].flat() as tf.Tensor[];
    found.push(made.map((t) => ({ shape: t.shape, dtype: t.dtype, values: [...t.dataSync()] })));
  }
  return found;
}

/** 0, 1, 2, ... in a shape. */
function counting(shape: number[], dtype: 'float32' | 'int32' | 'bool' = 'float32'): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const numbers = Array.from({ length: size }, (_, i) => (dtype === 'bool' ? ((i * 7) % 3) & 1 : i));
  return tf.tensor(numbers, shape, dtype);
}

const shape = [3, 4, 5, 6];
const slices: [number[], number[]][] = [
  [
    [0, 0, 0, 0],
    [3, 4, 5, 6],
  ],
  [
    [1, 0, 0, 0],
    [2, 4, 5, 6],
  ],
  [
    [0, 1, 0, 0],
    [3, 2, 5, 6],
  ],
  [
    [1, 1, 2, 3],
    [2, 3, 2, 1],
  ],
  [
    [0, 0, 0, 5],
    [-1, -1, -1, 1],
  ],
  [
    [2, 3, 4, 0],
    [1, 1, 1, 6],
  ],
  [
    [0, 2, 0, 1],
    [3, 0, 5, 2],
  ],
];

describe.each(['float32', 'int32', 'bool'] as const)(
  '%s tensors are copied as on the plain backend',
  (dtype) => {
    it.each(slices)('slice from %j, %j', async (begin, size) => {
      const [plain, ours] = await onBoth(() => tf.slice(counting(shape, dtype), begin, size));
      expect(ours).toEqual(plain);
    });

    it.each([0, 1, 2, 3])('split, unstack, concat and stack along axis %d', async (axis) => {
      const [plain, ours] = await onBoth(() => {
        const x = counting(shape, dtype);
        const parts = tf.split(x, [1, shape[axis]! - 1], axis);
        const planes = tf.unstack(x, axis);
        return [
          ...parts,
          ...planes,
          tf.concat([parts[1]!, parts[0]!, x], axis),
          tf.stack(planes.slice(0, 2), axis),
        ];
      });
      expect(ours).toEqual(plain);
    });
  },
);

it('rows of all lengths are whole: as words, as vectors, and as long pieces', async () => {
  for (const width of [1, 3, 4, 17, 31, 32, 33, 100]) {
    const [plain, ours] = await onBoth(() => tf.split(counting([5, 2 * width + 1]), [width, width + 1], 1));
    expect(ours).toEqual(plain);
  }
});

it('vectors, single numbers and empty tensors can be joined', async () => {
  const [plain, ours] = await onBoth(() => [
    tf.concat([tf.tensor1d([1, 2]), tf.zeros([0]), tf.tensor1d([3])] as tf.Tensor1D[]),
    tf.stack([tf.scalar(4), tf.scalar(5)]),
    tf.stack([tf.tensor1d([1, 2]), tf.tensor1d([3, 4])], -1),
    tf.concat([tf.zeros([2, 0]), tf.ones([2, 3])] as tf.Tensor2D[], 1),
  ]);
  expect(ours).toEqual(plain);
});

it('tensors of text are left to the stock kernels', async () => {
  const [plain, ours] = await onBoth(() => [
    tf.slice(tf.tensor1d(['a', 'b', 'c']), [1], [2]),
    tf.concat([tf.tensor1d(['a']), tf.tensor1d(['b'])]),
  ]);
  expect(ours).toEqual(plain);
});

it('tensors of several types are joined number by number', async () => {
  const [plain, ours] = await onBoth(() =>
    tf.concat([tf.tensor1d([1.5, 2]), tf.tensor1d([3, 4], 'int32'), tf.tensor1d([true, false], 'bool')]),
  );
  expect(ours).toEqual(plain);
});

describe('what is not within a tensor is refused', () => {
  const x = () => counting([3, 4]);

  it.each([
    [
      [0, 2],
      [3, 3],
    ],
    [
      [3, 0],
      [1, 4],
    ],
    [
      [-2, 0],
      [1, 4],
    ],
  ])('by slice: from %j, %j', async (begin, size) => {
    await tf.setBackend('wasm');
    expect(() => tf.slice(x(), begin, size)).toThrow(
      `begin [${begin}] and size [${size}] are not within shape [3,4]`,
    );
  });

  it('by split, concat and stack', async () => {
    await tf.setBackend('wasm');
    expect(() => tf.split(x(), [6, -2], 1)).toThrow('negative');
    expect(() => tf.concat([x(), counting([2, 4])], 1)).toThrow();
    expect(() => tf.stack([x(), counting([4, 3])])).toThrow();
  });
});
