import type { HostStream } from '../../random/streams.js';
import { type Columns, type Condition, type Layout, type Query, TEXT_WORDS } from './grammar.js';

/** A table, column by column, at the places of the layout; columns that it does not have are absent. */
export interface Table {
  readonly rows: number;
  /** Numbers with two decimals, by place. */
  readonly numeric: ReadonlyMap<number, Float64Array>;
  /** Words 0 .. 9, by place. */
  readonly text: ReadonlyMap<number, Uint8Array>;
}

/** What a question comes to: a number, or the chosen rows (1) of a column. */
export type Answer =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'lookup'; readonly column: number; readonly rows: Uint8Array };

/** The paper's examples show two decimals. */
const DECIMALS = 100;

/** A number with two decimals, uniform in +- `range`. */
export function drawNumber(stream: HostStream, range: number): number {
  const limit = Math.round(range * DECIMALS);
  return (stream.integer(2 * limit + 1) - limit) / DECIMALS;
}

export function drawTable(
  stream: HostStream,
  rows: number,
  columns: Columns,
  { layout, range }: { layout: Layout; range: number },
): Table {
  const numeric = new Map<number, Float64Array>();
  const text = new Map<number, Uint8Array>();
  for (let c = 0; c < columns.numeric; c++)
    numeric.set(
      layout.text + c,
      Float64Array.from({ length: rows }, () => drawNumber(stream, range)),
    );
  for (let c = 0; c < columns.text; c++)
    text.set(
      c,
      Uint8Array.from({ length: rows }, () => stream.integer(TEXT_WORDS)),
    );
  return { rows, numeric, text };
}

/**
 * The truth: evaluates the question itself, without a program.
 * @param numbers those of the question, in order.
 */
export function answerOf(query: Query, numbers: readonly number[], table: Table): Answer {
  if (query.kind === 'difference') {
    const [a, b] = [query.minuend, query.subtrahend].map((answer) =>
      answerOf({ kind: 'select', conditions: [], join: 'and', answer }, [], table),
    );
    return { kind: 'scalar', value: scalar(a!) - scalar(b!) };
  }
  const rows = chosenRows(query.conditions, query.join, numbers, table);
  const { answer } = query;
  switch (answer.kind) {
    case 'print':
      return { kind: 'lookup', column: answer.column, rows };
    case 'count':
      return { kind: 'scalar', value: rows.reduce((sum, row) => sum + row, 0) };
    case 'sum': {
      const values = table.numeric.get(answer.column)!;
      return { kind: 'scalar', value: rows.reduce((sum, row, i) => sum + row * values[i]!, 0) };
    }
  }
}

function scalar(answer: Answer): number {
  return answer.kind === 'scalar' ? answer.value : Number.NaN;
}

function chosenRows(
  conditions: readonly Condition[],
  join: 'and' | 'or',
  numbers: readonly number[],
  table: Table,
): Uint8Array {
  let next = 0;
  const tests = conditions.map((condition) => {
    if (condition.kind === 'text') {
      const words = table.text.get(condition.column)!;
      return (row: number) => words[row] === condition.word;
    }
    const values = table.numeric.get(condition.column)!;
    const number = numbers[next++]!;
    return condition.kind === 'greater'
      ? (row: number) => values[row]! > number
      : (row: number) => values[row]! < number;
  });
  const holds = (row: number) =>
    join === 'and' ? tests.every((test) => test(row)) : tests.some((test) => test(row));
  return Uint8Array.from({ length: table.rows }, (_, row) => Number(tests.length === 0 || holds(row)));
}

/** Whether two answers agree: numbers up to the first decimal, lookups in every cell. [NP section 3.2] */
export function agrees(given: Answer | null, truth: Answer): boolean {
  if (given?.kind === 'scalar' && truth.kind === 'scalar') return Math.abs(given.value - truth.value) < 0.05;
  if (given?.kind === 'lookup' && truth.kind === 'lookup') {
    // Without a row chosen there is no cell, whatever the column.
    const none = truth.rows.every((row) => row === 0);
    const sameRows = truth.rows.every((row, i) => row === given.rows[i]);
    return sameRows && (none || given.column === truth.column);
  }
  return false;
}
