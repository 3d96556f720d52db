import type { HostStream } from '../../random/streams.js';
import { type Columns, type Condition, type Layout, type Query, TEXT_WORDS } from './grammar.js';

/**
 * A table, column by column, at the places of the layout; columns that it does not have are absent. A column can be longer than
 * the table, where its memory is.
 */
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

/** Memory of a table, for those who need one only until they draw the next. */
export class TableMemory {
  readonly #numeric: Float64Array[] = [];
  readonly #text: Uint8Array[] = [];

  /** @param mostRows of the tables. */
  constructor(private readonly mostRows: number) {}

  numeric(column: number): Float64Array {
    this.#numeric[column] ??= new Float64Array(this.mostRows);
    return this.#numeric[column];
  }

  text(column: number): Uint8Array {
    this.#text[column] ??= new Uint8Array(this.mostRows);
    return this.#text[column];
  }
}

/** @param memory of at least so many rows, which is the table's from now on. */
export function drawTable(
  stream: HostStream,
  rows: number,
  columns: Columns,
  { layout, range }: { layout: Layout; range: number },
  memory = new TableMemory(rows),
): Table {
  const numeric = new Map<number, Float64Array>();
  const text = new Map<number, Uint8Array>();
  const limit = Math.round(range * DECIMALS);
  for (let c = 0; c < columns.numeric; c++) {
    const values = memory.numeric(c);
    stream.fillIntegers(values, 2 * limit + 1, rows);
    for (let i = 0; i < rows; i++) values[i] = (values[i]! - limit) / DECIMALS;
    numeric.set(layout.text + c, values);
  }
  for (let c = 0; c < columns.text; c++) {
    const words = memory.text(c);
    stream.fillIntegers(words, TEXT_WORDS, rows);
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
  if (values) for (let i = 0; i < rows.length; i++) sum += rows[i]! * values[i]!;
  else for (let i = 0; i < rows.length; i++) sum += rows[i]!;
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
  // Plain loops: this is done for every training example.
  const rows = chosen.length;
  const isAnd = join === 'and';
  const put = (i: number, holds: boolean) => {
    if (holds !== isAnd) chosen[i] = isAnd ? 0 : 1;
  };
  if (condition.kind === 'text') for (let i = 0; i < rows; i++) put(i, values[i] === condition.word);
  else if (condition.kind === 'greater') for (let i = 0; i < rows; i++) put(i, values[i]! > number!);
  else for (let i = 0; i < rows; i++) put(i, values[i]! < number!);
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
