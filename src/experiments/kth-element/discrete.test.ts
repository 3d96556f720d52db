import { describe, expect, it } from 'vitest';
import { type Choices, type DiscreteState, executeStep, mostProbable } from './discrete.js';
import { logitCount, MODULES, type ModuleName, selectionWidths } from './layout.js';

const REGISTERS = 4;
const shape = { registers: REGISTERS, repetitions: 1 };

/** A step by names: the inputs of the modules that matter, and the registers that change. */
function step(
  inputs: { [name in ModuleName]?: string[] },
  registers: { [name: string]: string } = {},
): Choices {
  const names = ['r1', 'r2', 'r3', 'r4', ...MODULES];
  const index = (name: string) => names.indexOf(name);
  return {
    inputs: MODULES.map((name) => {
      const [a = 'r1', b = 'r1'] = inputs[name] ?? [];
      return [index(a), index(b)] as const;
    }),
    registers: ['r1', 'r2', 'r3', 'r4'].map((name) => index(registers[name] ?? name)),
  };
}

function execute(memory: string, first: readonly Choices[], repeated?: { step: Choices; until: string }) {
  const cells = memory.split(' ').map(Number);
  let state: DiscreteState = { registers: new Array<number>(REGISTERS).fill(0), memory: cells };
  // The modules before WRITE do not matter where a step does not name them; an unnamed WRITE puts a cell back.
  for (const choices of first) state = executeStep(shape, choices, state);
  while (repeated && state.registers[Number(repeated.until.slice(1)) - 1] !== 0)
    state = executeStep(shape, repeated.step, state);
  return state.memory;
}

// Every step writes somewhere: what a cell already holds, where nothing is to change.
const idle = { WRITE: ['r1', 'READ'] };

describe('the discrete machine runs the programs whose traces NRAM prints', () => {
  it('Copy (table 2)', () => {
    const start = step({ READ: ['r1'], ...idle }, { r1: 'ONE', r2: 'READ', r3: 'READ', r4: 'READ' });
    const loop = step(
      { READ: ['r1'], INC: ['r1'], ADD: ['r2', 'ONE'], SUB: ['r3', 'INC'], WRITE: ['r2', 'READ'] },
      { r1: 'INC', r2: 'ADD', r4: 'SUB' },
    );
    const memory = execute('6 2 10 6 8 9 0 0 0 0 0 0', [start], { step: loop, until: 'r4' });
    expect(memory.slice(6, 11)).toEqual([2, 10, 6, 8, 9]);
  });

  it('Access (table 3)', () => {
    const memory = execute('3 1 12 4 7 12 1 13 8 2 1 3 11 11 12 0', [
      step({ READ: ['r1'], ...idle }, { r1: 'READ' }),
      step({ READ: ['r1'], WRITE: ['ZERO', 'READ'] }),
    ]);
    expect(memory).toEqual([4, 1, 12, 4, 7, 12, 1, 13, 8, 2, 1, 3, 11, 11, 12, 0]);
  });

  it('Increment (table 4)', () => {
    const loop = step(
      { READ: ['r1'], INC: ['READ'], ADD: ['r1', 'ONE'], WRITE: ['r1', 'INC'] },
      { r1: 'ADD', r2: 'READ' },
    );
    const memory = execute('1 11 3 8 1 2 9 8 5 3 0 0 0 0 0 0', [loop], { step: loop, until: 'r2' });
    expect(memory.slice(0, 10)).toEqual([2, 12, 4, 9, 2, 3, 10, 9, 6, 4]);
  });

  it('Swap (table 6)', () => {
    const memory = execute('4 13 6 10 5 4 6 3 7 1 1 11 13 12 0 0', [
      step({ READ: ['r1'], ...idle }, { r1: 'READ', r2: 'ONE' }),
      step({ READ: ['r2'], WRITE: ['r2', 'READ'] }, { r2: 'READ' }),
      step({ READ: ['r1'], ...idle }, { r3: 'READ' }),
      step({ READ: ['r2'], WRITE: ['r1', 'READ'] }),
      step({ WRITE: ['r2', 'r3'] }),
    ]);
    expect(memory.slice(2)).toEqual([6, 10, 12, 4, 6, 3, 7, 1, 1, 11, 13, 5, 0, 0]);
  });
});

describe('the most probable choices', () => {
  it('are read from the logits in the order of the selections', () => {
    const expected = step({ ADD: ['r2', 'INC'], WRITE: ['TWO', 'READ'] }, { r3: 'MAX' });
    const wanted = [...expected.inputs.flat(), ...expected.registers];
    const logits = selectionWidths(shape).flatMap((width, i) =>
      Array.from({ length: width }, (_, value) => (value === wanted[i] ? 1 : Math.sin(value) - 1)),
    );
    expect(logits).toHaveLength(logitCount(shape));
    expect(logits).toHaveLength(366);
    expect(mostProbable(logits, { ...shape, memory: 8 })).toEqual(expected);
  });
});

it.each([
  [1, 1],
  [4, 1],
  [3, 5],
])(
  '%d registers and %d repetitions have the logits that all selections take together',
  (registers, repetitions) => {
    const shape = { registers, repetitions };
    const widths = selectionWidths(shape);
    expect(logitCount(shape)).toBe(widths.reduce((sum, width) => sum + width, 0));
  },
);
