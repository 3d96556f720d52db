import { describe, expect, it } from 'vitest';
import { HostStream } from '../../random/streams.js';
import { drawSequences, drawTestSets } from './examples.js';
import { numberOf, ONE, OPERATOR, PAD, symbolsOf, taskNames, tasks, ZERO } from './tasks.js';

const bits = (text: string) => [...text].map((bit) => (bit === '1' ? ONE : ZERO));
const stream = (step = 0) => new HostStream(1, 'batches', step);

describe('numbers', () => {
  // NGPU section 2 prints these two sums.
  it.each([
    ['1010', '0111', '11001', 5 + 14],
    ['0110', '0101', '001111', 6 * 10],
  ])('are written with the lowest bit first, as in the paper: %s and %s give %s', (x, y, result, value) => {
    const [a, b] = [numberOf(bits(x)), numberOf(bits(y))];
    expect([a + b, a * b].map(Number)).toContain(value);
    expect(symbolsOf(BigInt(value))).toEqual(bits(result));
  });

  it('have no high zeros, except that 0 is one zero', () => {
    expect(symbolsOf(0n)).toEqual([ZERO]);
    expect(symbolsOf(4n)).toEqual(bits('001'));
  });

  it('survive 200 digits', () => {
    const symbols = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? ONE : ZERO));
    expect(symbolsOf(numberOf([...symbols, ONE]))).toEqual([...symbols, ONE]);
  });
});

describe('tasks', () => {
  it.each(taskNames)('%s: input and target fill all positions', (name) => {
    for (const size of [1, 2, 3, 20, 45]) {
      const { input, target } = tasks[name].draw(stream(), size);
      expect(input).toHaveLength(tasks[name].length(size));
      expect(target).toHaveLength(tasks[name].length(size));
    }
  });

  it.each(['addition', 'multiplication'] as const)('%s: the target is the result, then padding', (name) => {
    for (let step = 0; step < 50; step++) {
      const { input, target } = tasks[name].draw(stream(step), 5);
      expect(input[5]).toBe(OPERATOR);
      const [x, y] = [numberOf(input.slice(0, 5)), numberOf(input.slice(6))];
      const result = symbolsOf(name === 'addition' ? x + y : x * y);
      expect(target.slice(0, result.length)).toEqual(result);
      expect(target.slice(result.length).every((symbol) => symbol === PAD)).toBe(true);
    }
  });

  it('copy, reverse and sort do so; duplicate writes the bits twice after reading them once', () => {
    const drawn = (name: (typeof taskNames)[number]) => tasks[name].draw(stream(), 7);
    const { input } = drawn('copy');
    expect(drawn('copy').target).toEqual(input);
    expect(drawn('reverse').target).toEqual(input.toReversed());
    expect(drawn('sort').target).toEqual(input.toSorted());
    expect(drawn('duplicate')).toEqual({
      input: [...input, ...new Array(7).fill(PAD)],
      target: [...input, ...input],
    });
  });

  it('draw fair bits', () => {
    const { inputs } = drawSequences('copy', 40, 500, stream());
    const ones = inputs.filter((symbol) => symbol === ONE).length;
    // Four standard deviations of 20,000 fair coins.
    expect(Math.abs(ones - 10_000)).toBeLessThan(4 * Math.sqrt(5000));
  });
});

describe('test sets', () => {
  const data = { task: 'copy', maximum: 3, testSize: 9, testExamples: 4, testSeed: 0 } as const;

  it('are the same each time, and others for another seed', () => {
    expect(drawTestSets(data).test.inputs).toEqual(drawTestSets(data).test.inputs);
    expect(drawTestSets({ ...data, testSeed: 1 }).test.inputs).not.toEqual(drawTestSets(data).test.inputs);
  });

  it('have the test size and the largest trained size', () => {
    const { test, trained } = drawTestSets(data);
    expect([test.length, trained.length]).toEqual([9, 3]);
  });
});
