import { writeSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { statelessNormal, statelessUniform } from '../../ops/stateless-random.js';
import type { Binding } from './binding.js';
import { diagnoseTensorflow } from './diagnose.js';
import { describeDiagnosis } from './diagnosis.js';
import { openTensorflow } from './load.js';

const diagnosis = await diagnoseTensorflow();
const ready = diagnosis.state === 'ready';
if (!ready) writeSync(2, `skipped, the native backend: ${describeDiagnosis(diagnosis)}\n`);

describe.skipIf(!ready)('the native backend', () => {
  beforeAll(async () => {
    await openTensorflow({ threads: 2 });
  });

  it('says which TensorFlow and which device it is', async () => {
    const opened = await openTensorflow();
    expect(opened.tensorflowVersion).toMatch(/^2\.\d+\.\d+/);
    expect(opened.devices).toContain('CPU');
    expect(tf.getBackend()).toBe('tensorflow');
  });

  // Bit patterns of TensorFlow 2.21's tf.random.stateless_normal on a CPU.
  const seeds = [
    [0, 0],
    [1, 2],
    [-1, 5],
    [42, 7],
  ] as const;
  const normalBits = [
    'bfd93869 bef67702 bf29885c 3db232ec bf800551 3f718784 3f1ddfb5 3e5ab0d0 be12322b bf0db2b8',
    '3f0b4acd 3e545b81 3d96a8e4 3d3e3228 bfa69a7f bf742ff1 3f577b86 3ff847a8 3f26b8d4 3f8d6ced',
    'bf4b1961 3f34b563 bf85fc71 bef6660f 3e5e7ccd bea81881 3e526064 3edb10c9 bed51964 bf03aef4',
    'beda96a1 3f64c26c bf11f66d be4a466e 3d047323 bf014132 3efb00a8 bf959cc4 3fbbd07b 3f1eee24',
  ];

  it('draws TensorFlow’s normals, a row per replica, within 4 units in the last place', () => {
    const drawn = statelessNormal(tf.tensor2d(seeds.flat(), [4, 2], 'int32'), 10);
    const bits = new Int32Array((drawn.dataSync() as Float32Array).slice().buffer);
    const wanted = normalBits.flatMap((row) => row.split(' ').map((word) => Number.parseInt(word, 16) | 0));
    wanted.forEach((word, i) => {
      expect(Math.abs(bits[i]! - word)).toBeLessThanOrEqual(4);
    });
  });

  it('draws TensorFlow’s uniforms exactly', () => {
    const drawn = statelessUniform(tf.tensor2d([0, 0, 1, 2], [2, 2], 'int32'), 5).arraySync();
    const wanted = [
      [0.21101546, 0.70601, 0.8000634, 0.77079225, 0.38858867],
      [0.8440604, 0.19204533, 0.9962232, 0.1603874, 0.27199018],
    ];
    // Uniforms are multiples of 2^-23, so the printed digits say which.
    const multiples = (rows: number[][]) => rows.flat().map((value) => Math.round(value * 2 ** 23));
    expect(multiples(drawn)).toEqual(multiples(wanted));
    expect(drawn.flat().map((value) => value * 2 ** 23)).toEqual(multiples(wanted));
  });

  it('agrees with the reference on the cpu backend for rows of any length', async () => {
    const draw = () => {
      const pairs = tf.tensor2d([5, 9, -7, 123456, 2147483647, -2147483648], [3, 2], 'int32');
      return [statelessNormal(pairs, 1001).arraySync(), statelessUniform(pairs, 1001).arraySync()].flat(2);
    };
    const native = draw();
    await tf.setBackend('cpu');
    const reference = draw();
    await tf.setBackend('tensorflow');
    expect(largestDifference(native, reference)).toBeLessThan(2e-6);
  });

  it('keeps no tensors of its own when it draws', () => {
    const pairs = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
    statelessNormal(pairs, 8).dispose();
    const handles = () => nativeTensors();
    const before = handles();
    for (let i = 0; i < 10; i++) statelessNormal(pairs, 8).dispose();
    expect(handles()).toBe(before);
  });

  it('uploads a scalar once, however often it is made', () => {
    const x = filled(2, 3);
    x.mul(0.123).dispose();
    const before = nativeTensors();
    const twice = tf.scalar(0.123);
    const products = [x.mul(0.123), x.mul(twice), x.mul(tf.scalar(0.123))];
    expect(nativeTensors()).toBe(before + products.length);
    twice.dispose();
    expect(tf.scalar(0.123).dataSync()[0]).toBeCloseTo(0.123, 6);
    expect(x.mul(0.123).arraySync()).toEqual(products[0]!.arraySync());
  });

  it('tells the zeros of a scalar apart, and its types', () => {
    const signs = [0, -0].map((zero) => tf.scalar(1).div(tf.scalar(zero)).arraySync());
    expect(signs).toEqual([Infinity, -Infinity]);
    expect(tf.scalar(3, 'int32').add(tf.scalar(4, 'int32')).dtype).toBe('int32');
    expect(tf.scalar(3).add(tf.scalar(4)).arraySync()).toBe(7);
  });

  it('makes tensors of one number on the device, with the number’s sign, and keeps short lists there', () => {
    const uploads: (readonly number[])[] = [];
    const native = tf.backend() as unknown as { binding: Binding };
    const real = native.binding;
    const createTensor: Binding['createTensor'] = (shape, ...rest) => {
      uploads.push(shape);
      return real.createTensor(shape, ...rest);
    };
    const list = () => tf.tensor1d([7, 1234], 'int32').add(1).arraySync();
    list();
    native.binding = Object.create(real, { createTensor: { value: createTensor } }) as Binding;
    expect(tf.ones([2, 3]).mul(3).arraySync()).toEqual([
      [3, 3, 3],
      [3, 3, 3],
    ]);
    expect(tf.div(1, tf.ones([2]).mul(tf.tensor1d([-0, -0]))).arraySync()).toEqual([-Infinity, -Infinity]);
    expect(list()).toEqual([8, 1235]);
    expect(uploads.filter((shape) => shape.length > 0)).toEqual([]);
    native.binding = real;
  });

  it('reshapes a scalar that no operation has used', () => {
    expect(tf.scalar(2.5).reshape([1, 1]).mul(2).arraySync()).toEqual([[5]]);
    expect(tf.tensor1d([2.5]).reshape([]).mul(2).arraySync()).toBe(5);
  });

  it('does not hoard constants when they change with every step', () => {
    const x = tf.zeros([30_000]);
    for (let i = 0; i < 25_000; i++) x.slice([i], [1]).dispose();
    expect(nativeTensors()).toBeLessThan(15_000);
  });

  it('gathers without looking at the indices, and refuses those out of range on a CPU', async () => {
    const rows = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    expect(tf.gather(rows, tf.tensor1d([2, 0], 'int32')).arraySync()).toEqual([
      [5, 6],
      [1, 2],
    ]);
    const { device } = await openTensorflow();
    if (device === 'cpu') expect(() => tf.gather(rows, tf.tensor1d([3], 'int32'))).toThrow(/not in \[0, 3\)/);
  });

  it('steps at zero, as the derivative of relu does, and lets NaN through', () => {
    const stepped = tf.step(tf.tensor1d([-1, -0, 0, 1e-30, 3, Infinity, -Infinity, NaN]));
    expect(stepped.arraySync()).toEqual([0, 0, 0, 1, 1, 1, 0, NaN]);
    expect(tf.step(tf.tensor1d([-1, 2]), 0.5).arraySync()).toEqual([0.5, 1]);
  });

  const filled = (...shape: number[]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + size)),
      shape,
    );
  };
  const operations: Record<string, () => tf.Tensor | tf.Tensor[]> = {
    'batched matMul': () => tf.matMul(filled(3, 4, 5), filled(3, 5, 2)),
    'matMul, left transposed': () => tf.matMul(filled(3, 5, 4), filled(3, 5, 2), true),
    'matMul, right transposed': () => tf.matMul(filled(3, 4, 5), filled(3, 2, 5), false, true),
    'matMul, both transposed': () => tf.matMul(filled(3, 5, 4), filled(3, 2, 5), true, true),
    'matMul, one matrix for all': () => tf.matMul(filled(3, 4, 5), filled(1, 5, 2)),
    softmaxCrossEntropy: () => tf.losses.softmaxCrossEntropy(tf.oneHot([0, 2], 3).toFloat(), filled(2, 3)),
    softmax: () => tf.softmax(filled(2, 3, 4)),
    logSoftmax: () => tf.logSoftmax(filled(2, 3, 4)),
    'gather, batched': () =>
      tf.gather(
        filled(2, 3, 4),
        tf.tensor2d(
          [
            [0, 2],
            [1, 1],
          ],
          [2, 2],
          'int32',
        ),
        1,
        1,
      ),
    'sum, all': () => filled(3, 4).sum(),
    'sum, an axis': () => filled(2, 3, 4).sum(1),
    'sum, axes kept': () => filled(2, 3, 4).sum([0, 2], true),
    'sum, counting': () => filled(3, 4).greater(0).sum(1),
    mean: () => filled(2, 3, 4).mean([1, 2]),
    'mean of whole numbers': () => tf.tensor1d([1, 2, 4], 'int32').mean(),
    max: () => filled(2, 3, 4).max(2),
    min: () => filled(2, 3, 4).min(-1, true),
    concat: () => tf.concat([filled(2, 3), filled(2, 1)], 1),
    split: () => tf.split(filled(2, 6), [1, 2, 3], 1),
    slice: () => filled(3, 4, 5).slice([1, 0, 2], [2, 3, 2]),
    argMax: () => filled(2, 3, 4).argMax(2),
    relu: () => filled(4, 5).relu(),
    pow: () => filled(4, 5).abs().pow(0.55),
    sqrt: () => filled(4, 5).abs().sqrt(),
    where: () => tf.where(filled(4, 5).greater(0), filled(4, 5), tf.scalar(0)),
    isFinite: () => tf.isFinite(tf.tensor1d([1, NaN, Infinity, -Infinity])),
    'slice to the end': () => filled(3, 4).slice([1, 1]),
    'slice of a flag': () => filled(4).greater(0).slice([1], [2]),
    reshape: () => filled(3, 4).reshape([2, -1]),
    'reshape to a scalar': () => filled(1, 1).reshape([]),
    expandDims: () => filled(3, 4).expandDims(-1),
    tile: () => filled(2, 3).tile([2, 2]),
    transpose: () => filled(2, 3, 4).transpose([2, 0, 1]),
    'gradient of a layer': () =>
      tf.grads((x: tf.Tensor, w: tf.Tensor) => tf.matMul(x, w).relu().square().mean())([
        filled(2, 3, 4),
        filled(2, 4, 5),
      ]),
    'gradient of gather': () =>
      tf.grad((x: tf.Tensor) =>
        tf
          .gather(x, tf.tensor1d([1, 1, 0], 'int32'))
          .square()
          .sum(),
      )(filled(3, 2)),
    'gradient of the loss': () =>
      tf.grad((x: tf.Tensor) =>
        tf.losses.softmaxCrossEntropy(tf.oneHot([0, 2], 3).toFloat(), x as tf.Tensor2D).asScalar(),
      )(filled(2, 3)),
  };

  it.each(Object.keys(operations))('agrees with plain JavaScript on %s', async (name) => {
    const compute = () => [operations[name]!()].flat().map((t) => ({ shape: t.shape, values: t.dataSync() }));
    const native = compute();
    await tf.setBackend('cpu');
    const plain = compute();
    await tf.setBackend('tensorflow');
    expect(native.map(({ shape }) => shape)).toEqual(plain.map(({ shape }) => shape));
    native.forEach(({ values }, i) => {
      expect(largestDifference(Array.from(values), Array.from(plain[i]!.values))).toBeLessThan(2e-6);
    });
  });
});

function nativeTensors(): number {
  const { backend } = tf.engine() as unknown as { backend: { binding: { getNumOfTensors(): number } } };
  return backend.binding.getNumOfTensors();
}

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  a.reduce((largest, value, i) => {
    const same = Object.is(value, b[i]) || (Number.isNaN(value) && Number.isNaN(b[i]));
    return same ? largest : Math.max(largest, Math.abs(value - b[i]!));
  }, 0);
