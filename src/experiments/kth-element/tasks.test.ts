import { describe, expect, it } from 'vitest';
import { HostStream } from '../../random/streams.js';
import { taskNames } from './settings.js';
import { type Example, tasks } from './tasks.js';

const M = 24;

/** Each task solved by another road than the generator's: from the memory alone. */
const solutions: { [task in (typeof taskNames)[number]]: (memory: number[]) => Map<number, number> } = {
  ListK(memory) {
    let node = memory[0]!;
    for (let k = memory[1]!; k > 0; k--) node = memory[node]!;
    return new Map([[2, memory[node + 1]!]]);
  },
  Access: (memory) => new Map([[0, memory[memory[0]!]!]]),
  Increment: (memory) => new Map(arrayFrom(memory, 0).map((value, i) => [i, value + 1])),
  Copy: (memory) => new Map(arrayFrom(memory, 1).map((value, i) => [memory[0]! + i, value])),
  Reverse: (memory) =>
    new Map(arrayFrom(memory, 1).map((value, i, a) => [memory[0]! + a.length - 1 - i, value])),
  Swap([p, q, ...rest]) {
    const cells = [p!, q!, ...rest];
    const array = arrayFrom(cells, 2);
    return new Map(
      array.map((value, i) => [i + 2, i + 2 === p ? cells[q!]! : i + 2 === q ? cells[p!]! : value]),
    );
  },
};

function arrayFrom(memory: number[], start: number): number[] {
  const end = memory.indexOf(0, start);
  return memory.slice(start, end);
}

describe.each(taskNames)('%s', (name) => {
  const task = tasks[name];
  const draw = (seed: number, n: number, cells = M): Example =>
    task.draw(new HostStream(seed, 'task'), n, cells);

  it('asks for what its memory says', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { memory, answer } = draw(seed, 1 + (seed % 8));
      expect(new Map([...answer].sort())).toEqual(new Map([...solutions[name]([...memory])].sort()));
    }
  });

  it('fits on the smallest tape it says it needs', () => {
    for (let n = 1; n <= 8; n++) {
      const cells = Math.max(3, task.cells(n));
      for (let seed = 0; seed < 20; seed++) {
        const { memory, answer } = draw(seed, n, cells);
        expect(memory).toHaveLength(cells);
        for (const value of [...memory, ...answer.keys(), ...answer.values()]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(cells);
        }
      }
    }
  });
});

describe('ListK', () => {
  it('asks for every k and puts nodes everywhere', () => {
    const examples = Array.from({ length: 400 }, (_, seed) =>
      tasks.ListK.draw(new HostStream(seed, 'task'), 3, 11),
    );
    expect(new Set(examples.map(({ memory }) => memory[1]))).toEqual(new Set([0, 1, 2]));
    expect(new Set(examples.map(({ memory }) => memory[0]))).toEqual(new Set([3, 5, 7, 9]));
    expect(examples.every(({ memory }) => memory[2] === 0)).toBe(true);
  });
});
