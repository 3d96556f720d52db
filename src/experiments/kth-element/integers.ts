import type { ModuleName } from './layout.js';

/** What a module makes of two integers in 0 .. M-1; READ and WRITE also need the memory (see discrete.ts). */
export function integerModule(
  name: Exclude<ModuleName, 'READ' | 'WRITE'>,
  a: number,
  b: number,
  M: number,
): number {
  switch (name) {
    case 'ZERO':
      return 0;
    case 'ONE':
      return 1;
    case 'TWO':
      return 2;
    case 'INC':
      return (a + 1) % M;
    case 'ADD':
      return (a + b) % M;
    case 'SUB':
      return (a - b + M) % M;
    case 'DEC':
      return (a - 1 + M) % M;
    case 'LESS-THAN':
      return Number(a < b);
    case 'LESS-OR-EQUAL':
      return Number(a <= b);
    case 'EQUALITY':
      return Number(a === b);
    case 'MIN':
      return Math.min(a, b);
    case 'MAX':
      return Math.max(a, b);
  }
}
