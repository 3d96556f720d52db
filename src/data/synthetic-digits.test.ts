import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import type { ImageSet, Images } from './images.js';
import { syntheticDigits } from './synthetic-digits.js';

test('the same seed draws the same digits, and more of them begin with the fewer', () => {
  const few = syntheticDigits({ train: 20, test: 10, seed: 3 });
  const many = syntheticDigits({ train: 40, test: 30, seed: 3 });
  expect(many.train.pixels.subarray(0, few.train.pixels.length)).toEqual(few.train.pixels);
  expect(many.train.labels.subarray(0, 20)).toEqual(few.train.labels);
  expect(many.test.pixels.subarray(0, few.test.pixels.length)).toEqual(few.test.pixels);
});

test('seeds, splits and images differ', () => {
  const first = syntheticDigits({ train: 300, test: 300, seed: 0 });
  const second = syntheticDigits({ train: 300, test: 300, seed: 1 });
  const all = [first.train, first.test, second.train, second.test].flatMap(imageTexts);
  expect(new Set(all).size).toBe(all.length);
});

test('the classes are balanced and every image has ink on an empty background', () => {
  const { train } = syntheticDigits({ train: 5000, test: 0, seed: 5 });
  expect(train).toMatchObject({ count: 5000, rows: 28, columns: 28 });
  const counts = Array.from(
    { length: 10 },
    (_, digit) => train.labels.filter((label) => label === digit).length,
  );
  // Five standard deviations of a binomial count of 5000 draws at 1/10.
  for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(5 * Math.sqrt(5000 * 0.1 * 0.9));
  for (let i = 0; i < train.count; i++) {
    const inked = train.pixels.subarray(i * 784, (i + 1) * 784).filter((value) => value > 60).length;
    expect(inked).toBeGreaterThan(15);
    expect(inked).toBeLessThan(400);
  }
});

test('a linear classifier stays clearly below one with a hidden layer', async () => {
  await tf.setBackend('wasm');
  const train = Number(process.env.DIGITS ?? 3000);
  const digits = syntheticDigits({ train, test: train / 5, seed: 1 });
  const linear = await testAccuracy(digits, []);
  const hidden = await testAccuracy(digits, [64]);
  console.log(`${train} training digits: test accuracy ${linear} linear, ${hidden} with a hidden layer`);
  expect(linear).toBeGreaterThan(0.7);
  expect(linear).toBeLessThan(0.88);
  expect(hidden).toBeGreaterThan(linear + 0.06);
});

/** Test accuracy of a softmax classifier with the given hidden layers (ReLU) after 10 epochs of Adam. */
async function testAccuracy({ train, test }: ImageSet, hidden: number[]): Promise<number> {
  const layers = [...hidden, 10].map((units, i) =>
    tf.layers.dense({
      units,
      activation: i < hidden.length ? 'relu' : 'softmax',
      kernelInitializer: tf.initializers.glorotUniform({ seed: i }),
      ...(i === 0 && { inputShape: [784] }),
    }),
  );
  const model = tf.sequential({ layers });
  model.compile({
    optimizer: tf.train.adam(0.003),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const inputs = (images: Images) => tf.tensor2d(images.pixels, [images.count, 784]).div<tf.Tensor2D>(255);
  const classes = (images: Images) => tf.tensor1d(images.labels, 'float32');
  await model.fit(inputs(train), classes(train), { epochs: 10, batchSize: 50, shuffle: false, verbose: 0 });
  const [, accuracy] = model.evaluate(inputs(test), classes(test)) as [tf.Scalar, tf.Scalar];
  return (await accuracy.data())[0]!;
}

function imageTexts({ count, pixels }: Images): string[] {
  return Array.from({ length: count }, (_, i) => pixels.subarray(i * 784, (i + 1) * 784).join());
}
