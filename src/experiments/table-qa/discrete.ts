import { TEXT_WORDS } from './grammar.js';
import { OPERATIONS, type OperationName } from './operations.js';
import type { Answer, Table } from './tables.js';

/** What a model selected for a question, every distribution replaced by its most probable value. */
export interface InducedProgram {
  /** One operation and one column per step, as places in `OPERATIONS` and the layout. */
  readonly steps: readonly { readonly operation: number; readonly column: number }[];
  /** Which of the question's numbers each comparison uses. */
  readonly pivots: { readonly greater: number; readonly lesser: number };
  /** Whether text match takes a word, [text columns * 10]; left out where there are no text columns. */
  readonly matches?: readonly boolean[];
}

/** The state after a step. */
export interface Execution {
  readonly scalar: number;
  readonly rows: Uint8Array;
  /** What the step's operation put out, if it is one that answers. */
  readonly answer: Answer | null;
}

/** The pivot of a question without numbers. [NP table 3] */
export const NO_NUMBER = -1;

/** Runs a program with hard selections; the last step's answer is the model's. [NP section 2.3, table 1] */
export function execute(program: InducedProgram, numbers: readonly number[], table: Table): Execution[] {
  const ones = new Uint8Array(table.rows).fill(1);
  const none = new Uint8Array(table.rows);
  const states: Execution[] = [];
  /** Rows and scalar after step t, and what they are before the first. */
  const rowsAt = (t: number) => states[t]?.rows ?? ones;
  const scalarAt = (t: number) => states[t]?.scalar ?? 0;
  for (const [t, { operation, column }] of program.steps.entries()) {
    const name = OPERATIONS[operation]!;
    const previous = rowsAt(t - 1);
    const scalar =
      name === 'difference' ? scalarAt(t - 3) - scalarAt(t - 1) : aggregateOf(name, column, previous, table);
    const lookup: Answer | null = name === 'assign' ? { kind: 'lookup', column, rows: previous } : null;
    states.push({
      scalar: scalar ?? 0,
      rows: rowsOf(name, column, [previous, rowsAt(t - 2)], { program, numbers, table }) ?? none,
      answer: scalar === null ? lookup : { kind: 'scalar', value: scalar },
    });
  }
  return states;
}

/** The answer of a program: what its last step put out. */
export function programAnswer(
  program: InducedProgram,
  numbers: readonly number[],
  table: Table,
): Answer | null {
  return execute(program, numbers, table).at(-1)!.answer;
}

function aggregateOf(name: OperationName, column: number, rows: Uint8Array, table: Table): number | null {
  if (name === 'count') return rows.reduce((sum, row) => sum + row, 0);
  if (name !== 'sum') return null;
  const values = table.numeric.get(column);
  return values ? rows.reduce((sum, row, i) => sum + row * values[i]!, 0) : 0;
}

interface Context {
  readonly program: InducedProgram;
  readonly numbers: readonly number[];
  readonly table: Table;
}

/** The rows that an operation selects; null for one that selects none. A column of the wrong kind selects none. */
function rowsOf(
  name: OperationName,
  column: number,
  [last, before]: readonly [Uint8Array, Uint8Array],
  { program, numbers, table }: Context,
): Uint8Array | null {
  switch (name) {
    case 'and':
      return last.map((row, i) => Math.min(row, before[i]!));
    case 'or':
      return last.map((row, i) => Math.max(row, before[i]!));
    case 'reset':
      return new Uint8Array(table.rows).fill(1);
    case 'greater':
    case 'lesser': {
      const values = table.numeric.get(column);
      if (!values) return null;
      const pivot = numbers[program.pivots[name]] ?? NO_NUMBER;
      return Uint8Array.from(values, (v) => Number(name === 'greater' ? v > pivot : v < pivot));
    }
    case 'text match': {
      const words = table.text.get(column);
      const matches = program.matches;
      return words && matches ? words.map((word) => Number(matches[column * TEXT_WORDS + word]!)) : null;
    }
    default:
      return null;
  }
}
