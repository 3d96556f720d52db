import { expect, it } from 'vitest';
import { threadsOf } from './threads.js';

it('shares the cores out among processes, and gives one that is alone all of them', () => {
  expect([1, 2, 3, 8, 9].map((processes) => threadsOf(0, processes, 8))).toEqual([8, 4, 2, 1, 1]);
});

it('leaves cores idle where there are more than its kernels have work for', () => {
  expect(threadsOf(0, 1, 64)).toBe(8);
});

it('takes as many as are asked for', () => {
  expect(threadsOf(5, 4, 2)).toBe(5);
});
