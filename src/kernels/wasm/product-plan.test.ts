import { describe, expect, it } from 'vitest';
import { planProduct } from './product-plan.js';

const plan = (a: number[], b: number[]) => planProduct([...a, 5, 3], [...b, 3, 6], false, false);

describe('a batch of matrix products', () => {
  it.each([
    [[4], [4], { count: 4, aStep: 1, bStep: 1 }],
    [[4], [1], { count: 4, aStep: 1, bStep: 0 }],
    [[1], [4], { count: 4, aStep: 0, bStep: 1 }],
    [[], [3, 2], { count: 6, aStep: 0, bStep: 1 }],
    [[], [], { count: 1, aStep: 1, bStep: 1 }],
    [[1, 2], [2], { count: 2, aStep: 1, bStep: 1 }],
  ])('is one run for batches %j and %j', (a, b, run) => {
    expect(plan(a, b).runs).toEqual([{ a: 0, b: 0, ...run }]);
  });

  it('is a run for each row of the batch where one axis is broadcast', () => {
    expect(plan([2, 1], [2, 3]).runs).toEqual([
      { count: 3, a: 0, b: 0, aStep: 0, bStep: 1 },
      { count: 3, a: 1, b: 3, aStep: 0, bStep: 1 },
    ]);
    expect(plan([2, 1], [1, 3]).runs).toEqual([
      { count: 3, a: 0, b: 0, aStep: 0, bStep: 1 },
      { count: 3, a: 1, b: 0, aStep: 0, bStep: 1 },
    ]);
  });

  it('is nothing where there are no matrices', () => {
    const { shape, runs } = plan([0], [1]);
    expect(shape).toEqual([0, 5, 6]);
    expect(runs.reduce((sum, { count }) => sum + count, 0)).toBe(0);
  });
});
