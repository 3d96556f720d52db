import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { normals, uniforms, words } from './philox.js';
import { atStep, HostStream, type Purpose, streamSeed, streamSeeds } from './streams.js';

const PURPOSES: Purpose[] = ['init', 'batches', 'noise', 'dropout', 'task'];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('streamSeed', () => {
  it('never gives two streams the same pair', () => {
    const pairs = [0, 1, 2, 7, 8, 9].flatMap((seed) =>
      PURPOSES.flatMap((purpose) =>
        [0, 1, 2].flatMap((step) =>
          [0, 1, 1023].map((tensor) => streamSeed(seed, purpose, step, tensor).join()),
        ),
      ),
    );
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('stays within int32 at the largest arguments', () => {
    const largest = streamSeed(2 ** 28 - 1, 'task', 2 ** 21 - 1, 1023);
    expect(largest.every((half) => half === (half | 0))).toBe(true);
  });

  it.each([
    [2 ** 28, 0, 0],
    [-1, 0, 0],
    [0.5, 0, 0],
    [0, 2 ** 21, 0],
    [0, 0, 1024],
    [Number.NaN, 0, 0],
  ])('refuses seed %d, step %d, tensor %d', (seed, step, tensor) => {
    expect(() => streamSeed(seed, 'init', step, tensor)).toThrow(RangeError);
  });
});

describe('streamSeeds and atStep', () => {
  it('agree with streamSeed for every replica, at the limits too, and leave no tensors behind', async () => {
    const seeds = [0, 3, 2 ** 28 - 1];
    const base = streamSeeds(seeds, 'noise');
    const before = tf.memory().numTensors;
    for (const step of [0, 5, 2 ** 21 - 1]) {
      for (const tensor of [0, 1023]) {
        const onDevice = tf.scalar(step, 'int32');
        const moved = atStep(base, onDevice, tensor);
        expect(moved.dtype).toBe('int32');
        expect(await moved.array()).toEqual(seeds.map((seed) => streamSeed(seed, 'noise', step, tensor)));
        tf.dispose([onDevice, moved]);
      }
    }
    expect(tf.memory().numTensors).toBe(before);
    base.dispose();
  });
});

describe('HostStream', () => {
  const seed = streamSeed(5, 'task', 3, 2);
  const stream = () => new HostStream(5, 'task', 3, 2);
  const take = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw);

  it('gives the words, uniforms and normals of the stream in order, across refills', () => {
    const [a, b, c] = [stream(), stream(), stream()];
    expect(take(30_001, () => a.word())).toEqual([...words(seed, 30_001)]);
    expect(take(1000, () => b.uniform())).toEqual([...uniforms(seed, 1000)]);
    expect(take(1001, () => c.normal())).toEqual([...normals(seed, 1001)]);
  });

  it('fills an array with the integers that it gives one by one, and goes on behind them', () => {
    for (const [count, n] of [
      [1, 1],
      [7, 10],
      [100, 20_001],
      [9000, 2 ** 31 + 5],
      [33, 2 ** 32 - 1],
    ] as const) {
      const [bulk, single] = [stream(), stream()];
      bulk.integer(5);
      single.integer(5);
      const filled = new Float64Array(count);
      bulk.fillIntegers(filled, n);
      expect([...filled]).toEqual(take(count, () => single.integer(n)));
      expect(take(50, () => bulk.word())).toEqual(take(50, () => single.word()));
    }
    expect(() => stream().fillIntegers(new Float64Array(1), 2 ** 32)).toThrow(RangeError);
  });

  it('begins another stream in the memory of one', () => {
    const numbers = stream();
    take(100, () => numbers.word());
    numbers.normal();
    numbers.restart(6, 'batches', 1);
    expect(take(40, () => numbers.word())).toEqual([...words(streamSeed(6, 'batches', 1), 40)]);
    numbers.restart(5, 'task', 3, 2);
    const filled = new Float64Array(9).fill(-1);
    numbers.fillIntegers(filled, 1000, 7);
    const single = stream();
    expect([...filled]).toEqual([...take(7, () => single.integer(1000)), -1, -1]);
    expect(numbers.normal()).toBe(single.normal());
  });

  it('draws every integer of its range about equally often', () => {
    const numbers = stream();
    const counts = new Array(7).fill(0);
    for (let i = 0; i < 70_000; i++) {
      counts[numbers.integer(7)]++;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    // 22.5 is the 99.9% point of chi-squared with 6 degrees of freedom.
    expect(chiSquared).toBeLessThan(22.5);
  });

  it('refuses an empty range', () => {
    expect(() => stream().integer(0)).toThrow(RangeError);
  });

  it('permutes: every element once, and every order of three about equally often', () => {
    expect([...stream().permutation(1000)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const numbers = stream();
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const order = numbers.permutation(3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(counts.size).toBe(6);
    // 20.5 is the 99.9% point of chi-squared with 5 degrees of freedom.
    expect(chiSquared).toBeLessThan(20.5);
  });

  it('permutes nothing and one element', () => {
    expect([...stream().permutation(0)]).toEqual([]);
    expect([...stream().permutation(1)]).toEqual([0]);
  });
});
