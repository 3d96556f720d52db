import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { experiments } from '../experiments/index.js';
import { annealing, type RateFactor } from './anneal.js';

function factorsOf(rateFactor: RateFactor, updates: number): number[][] {
  return Array.from({ length: updates }, (_, t) => [...rateFactor(tf.scalar(t, 'int32')).dataSync()]);
}

it('takes the rate down to 0 over the last share of the updates, of those replicas that ask for it', () => {
  const rateFactor = annealing([{ anneal: 0.4 }, {}, { anneal: 1 }, { anneal: 0 }], 10)!;
  for (const [t, [own, none, whole, zero]] of factorsOf(rateFactor, 10).entries()) {
    expect(own).toBeCloseTo(Math.min(1, (10 - t) / 4), 6);
    expect(whole).toBeCloseTo((10 - t) / 10, 6);
    expect([none, zero]).toEqual([1, 1]);
  }
});

it("multiplies what the experiment makes of the rate, and is the experiment's alone where nobody anneals", () => {
  const halved: RateFactor = () => tf.scalar(0.5);
  expect(annealing([{}, { anneal: 0 }], 10)).toBeUndefined();
  expect(annealing([{}], 10, halved)).toBe(halved);
  const both = factorsOf(annealing([{ anneal: 0.5 }, {}], 4, halved)!, 4);
  expect(both).toEqual([
    [0.5, 0.5],
    [0.5, 0.5],
    [0.5, 0.5],
    [0.25, 0.5],
  ]);
});

it.each([...experiments])('%s takes a share of the updates to anneal, and nothing else', (_, { schema }) => {
  const isTaken = (anneal: unknown) =>
    !schema.train.safeParse({ anneal }).error?.issues.some(({ path }) => path[0] === 'anneal');
  expect([0, 0.3, 1].map(isTaken)).toEqual([true, true, true]);
  expect([-0.1, 1.1, '0.3'].map(isTaken)).toEqual([false, false, false]);
});
