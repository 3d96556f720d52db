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
  for (let c = 0; c < columns.numeric; c++) {
    const limit = Math.round(range * DECIMALS);
    const values = new Float64Array(rows);
    stream.fillIntegers(values, 2 * limit + 1);
    for (let i = 0; i < rows; i++) values[i] = (values[i]! - limit) / DECIMALS;
    numeric.set(layout.text + c, values);
  }
  for (let c = 0; c < columns.text; c++) {
    const words = new Uint8Array(rows);
    stream.fillIntegers(words, TEXT_WORDS);
    text.set(c, words);
  }
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
      return { kind: 'scalar', value: total(rows) };
    case 'sum':
      return { kind: 'scalar', value: total(rows, table.numeric.get(answer.column)!) };
  }
}

/** The sum over the chosen rows, of values or of 1. A plain loop: this is done for every training example. */
function total(rows: Uint8Array, values?: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) sum += values ? rows[i]! * values[i]! : rows[i]!;
  return sum;
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
  const chosen = new Uint8Array(table.rows).fill(Number(conditions.length === 0 || join === 'and'));
  let next = 0;
  for (const condition of conditions) {
    const number = condition.kind === 'text' ? null : numbers[next++]!;
    choose(chosen, condition, join, number, table);
  }
  return chosen;
}

/** Keeps the chosen rows that meet a condition, or adds those that do. @param number that of a comparison. */
function choose(
  chosen: Uint8Array,
  condition: Condition,
  join: 'and' | 'or',
  number: number | null,
  table: Table,
): void {
  const values =
    condition.kind === 'text' ? table.text.get(condition.column)! : table.numeric.get(condition.column)!;
  const holds = new Uint8Array(chosen.length);
  // Plain loops: this is done for every training example.
  if (condition.kind === 'text')
    for (let i = 0; i < holds.length; i++) holds[i] = Number(values[i] === condition.word);
  else if (condition.kind === 'greater')
    for (let i = 0; i < holds.length; i++) holds[i] = Number(values[i]! > number!);
  else for (let i = 0; i < holds.length; i++) holds[i] = Number(values[i]! < number!);
  for (let i = 0; i < holds.length; i++)
    chosen[i] = join === 'and' ? chosen[i]! & holds[i]! : chosen[i]! | holds[i]!;
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
