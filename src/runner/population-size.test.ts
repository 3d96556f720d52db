import { expect, it } from 'vitest';
import { evenSize, populationSize } from './population-size.js';

const wasm = { name: 'wasm', device: 'cpu', deviceBytes: null } as const;
const card = { name: 'tensorflow', device: 'gpu', deviceBytes: 10e9 } as const;

it('takes as many replicas as pay off where memory is no matter', () => {
  expect(populationSize(wasm, 1, 2)).toBe(populationSize(wasm, 2, 1));
  expect(populationSize(card, 1, 1)).toBeGreaterThan(1000);
});

it('takes what half of the free memory holds, shared out among processes, but at least one', () => {
  expect(populationSize(card, 1e8, 1)).toBe(50);
  expect(populationSize(card, 1e8, 2)).toBe(25);
  expect(populationSize(card, 1e12, 1)).toBe(1);
});

it('stays below the end of WebAssembly memory', () => {
  expect(populationSize(wasm, 2 ** 30, 1)).toBeLessThanOrEqual(2);
});

it('shares trials out evenly, in as few rounds as can be', () => {
  for (const [trials, most, processes] of [
    [40, 10, 2],
    [30, 10, 2],
    [7, 10, 2],
    [1, 10, 8],
    [100, 3, 4],
  ] as const) {
    const size = evenSize(trials, most, processes);
    expect(size).toBeLessThanOrEqual(most);
    // No more rounds than the most that fits would need.
    const rounds = Math.ceil(Math.ceil(trials / size) / processes);
    expect(rounds).toBe(Math.ceil(trials / (most * processes)));
  }
  expect(evenSize(30, 10, 2)).toBe(8);
  expect(evenSize(40, 10, 2)).toBe(10);
});
