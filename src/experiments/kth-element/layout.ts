/** The modules in the order in which a time step runs them [NRAM section 4.3]; READ comes first and WRITE last. */
export const MODULES = [
  'READ',
  'ZERO',
  'ONE',
  'TWO',
  'INC',
  'ADD',
  'SUB',
  'DEC',
  'LESS-THAN',
  'LESS-OR-EQUAL',
  'EQUALITY',
  'MIN',
  'MAX',
  'WRITE',
] as const;
export type ModuleName = (typeof MODULES)[number];

/** How many of its two inputs a module looks at, the first ones; the other selections are made all the same. */
export const INPUTS_USED: { readonly [name in ModuleName]: 0 | 1 | 2 } = {
  READ: 1,
  ZERO: 0,
  ONE: 0,
  TWO: 0,
  INC: 1,
  ADD: 2,
  SUB: 2,
  DEC: 1,
  'LESS-THAN': 2,
  'LESS-OR-EQUAL': 2,
  EQUALITY: 2,
  MIN: 2,
  MAX: 2,
  WRITE: 2,
};

/** What fixes the shapes of a machine: M cells and integers, registers, and runs of the module list per time step. */
export interface MachineShape {
  readonly memory: number;
  readonly registers: number;
  readonly repetitions: number;
}

/** How many modules are run in a time step: Q. */
export function moduleCount({ repetitions }: { repetitions: number }): number {
  return repetitions * MODULES.length;
}

/** Modules run in a time step, in order: Q of them. */
export function modulesOf({ repetitions }: { repetitions: number }): ModuleName[] {
  return Array.from({ length: repetitions }, () => MODULES).flat();
}

/**
 * How many values each selection of a time step chooses from, in the order in which the controller puts them out: the
 * first and the second input of module 1, of module 2, ...; then the new content of register 1, 2, ...
 * Module i chooses among the registers and the outputs of modules before it, a register among all of them.
 */
export function selectionWidths(shape: { registers: number; repetitions: number }): number[] {
  const { registers } = shape;
  const count = moduleCount(shape);
  const inputs = Array.from({ length: 2 * count }, (_, i) => registers + Math.floor(i / 2));
  return [...inputs, ...new Array<number>(registers).fill(registers + count)];
}

/**
 * Logits that the controller puts out for a time step: 366 with 14 modules and 4 registers. The sum of `selectionWidths`,
 * without a list of them: it is asked for before anybody has seen whether there is memory for so many.
 */
export function logitCount(shape: { registers: number; repetitions: number }): number {
  const { registers } = shape;
  const count = moduleCount(shape);
  return count * (2 * registers + count - 1) + registers * (registers + count);
}
