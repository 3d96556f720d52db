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

/** Memory of a table and its answer, for those who need them only until they draw the next. */
export class TableMemory {
  /** By numbers of text and numeric columns; all tables have the same columns in common. */
  readonly #tables: Pick<Table, 'numeric' | 'text'>[][] = [];
  readonly #numeric: Float64Array[] = [];
  readonly #text: Uint8Array[] = [];
  readonly chosen: Uint8Array;

  /** @param mostRows of the tables. */
  constructor(private readonly mostRows: number) {
    this.chosen = new Uint8Array(mostRows);
  }

  /** A table whose columns hold anything. */
  table(rows: number, columns: Columns, layout: Layout): Table {
    this.#tables[columns.text] ??= [];
    this.#tables[columns.text]![columns.numeric] ??= this.#make(columns, layout);
    const { numeric, text } = this.#tables[columns.text]![columns.numeric]!;
    return { rows, numeric, text };
  }

  #make(columns: Columns, layout: Layout): Pick<Table, 'numeric' | 'text'> {
    while (this.#numeric.length < columns.numeric) this.#numeric.push(new Float64Array(this.mostRows));
    while (this.#text.length < columns.text) this.#text.push(new Uint8Array(this.mostRows));
    const [numeric, text] = [this.#numeric.slice(0, columns.numeric), this.#text.slice(0, columns.text)];
    return {
      numeric: new Map(numeric.map((column, c) => [layout.text + c, column])),
      text: new Map(text.entries()),
    };
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
  const table = memory.table(rows, columns, layout);
  const limit = Math.round(range * DECIMALS);
  for (const values of table.numeric.values()) {
    stream.fillIntegers(values, 2 * limit + 1, rows);
    for (let i = 0; i < rows; i++) values[i] = (values[i]! - limit) / DECIMALS;
  }
  for (const words of table.text.values()) stream.fillIntegers(words, TEXT_WORDS, rows);
  return table;
}

/**
 * The truth: evaluates the question itself, without a program.
 * @param numbers those of the question, in order.
 * @param chosen memory of at least as many rows as the table has, which is the answer's from now on.
 */
export function answerOf(
  query: Query,
  numbers: readonly number[],
  table: Table,
  chosen: Uint8Array = new Uint8Array(table.rows),
): Answer {
  if (query.kind === 'difference') {
    const [a, b] = [query.minuend, query.subtrahend].map((answer) =>
      answerOf({ kind: 'select', conditions: [], join: 'and', answer }, [], table, chosen),
    );
    return { kind: 'scalar', value: scalar(a!) - scalar(b!) };
  }
  choose(chosen, query.conditions, query.join, numbers, table);
  const { answer } = query;
  switch (answer.kind) {
    case 'print':
      return { kind: 'lookup', column: answer.column, rows: chosen };
    case 'count':
      return { kind: 'scalar', value: count(chosen, table.rows) };
    case 'sum':
      return { kind: 'scalar', value: sum(chosen, table.numeric.get(answer.column)!, table.rows) };
  }
}

// Plain loops: this is done for every training example.

function count(chosen: Uint8Array, rows: number): number {
  let total = 0;
  for (let i = 0; i < rows; i++) total += chosen[i]!;
  return total;
}

function sum(chosen: Uint8Array, values: Float64Array, rows: number): number {
  let total = 0;
  for (let i = 0; i < rows; i++) total += chosen[i]! * values[i]!;
  return total;
}

function scalar(answer: Answer): number {
  return answer.kind === 'scalar' ? answer.value : Number.NaN;
}

/** Fills in which rows meet the conditions. */
function choose(
  chosen: Uint8Array,
  conditions: readonly Condition[],
  join: 'and' | 'or',
  numbers: readonly number[],
  table: Table,
): void {
  const { rows } = table;
  const isAnd = join === 'and';
  chosen.fill(Number(conditions.length === 0 || isAnd), 0, rows);
  let next = 0;
  for (const condition of conditions) {
    const put = (i: number, holds: number) => {
      chosen[i] = isAnd ? chosen[i]! & holds : chosen[i]! | holds;
    };
    if (condition.kind === 'text') {
      const words = table.text.get(condition.column)!;
      for (let i = 0; i < rows; i++) put(i, Number(words[i] === condition.word));
    } else {
      const values = table.numeric.get(condition.column)!;
      const sign = condition.kind === 'greater' ? 1 : -1;
      const limit = sign * numbers[next++]!;
      for (let i = 0; i < rows; i++) put(i, Number(sign * values[i]! > limit));
    }
  }
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
