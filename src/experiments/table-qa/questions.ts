import { HostStream } from '../../random/streams.js';
import { updatesPerEpoch } from '../epochs.js';
import type { OpenData } from '../experiment.js';
import {
  type Columns,
  type Layout,
  type Query,
  queriesOf,
  type Wording,
  type WordingOptions,
  wordingOf,
  wordingsOf,
} from './grammar.js';
import type { Category, TableQaSettings } from './settings.js';
import { type Answer, answerOf, drawNumber, drawTable, type Table, type TableMemory } from './tables.js';

type DataSettings = TableQaSettings['data'];

/** A question in words, without numbers. */
export interface Template {
  readonly category: Category;
  readonly query: Query;
  readonly wording: Wording;
}

/** A question's numbers, with a table and what the answer is. */
export interface Case {
  readonly numbers: readonly number[];
  readonly table: Table;
  readonly answer: Answer;
}

export interface Example extends Case {
  readonly wording: Wording;
}

/** The fixed test set of a config, the same for all trials: every template once, each with its own tables. */
export interface TestSet extends OpenData {
  readonly templates: readonly (Template & { readonly cases: readonly Case[] })[];
}

/** Tensor number of the test set's streams; training examples of the same seed are drawn from number 0. */
const TEST_STREAM = 1;

export function layoutOf({ textColumns, numericColumns }: DataSettings): Layout {
  return { text: textColumns, numeric: numericColumns };
}

/** In tables of a single column, questions do not name it. */
function optionsOf(data: DataSettings): WordingOptions {
  return { wordVariability: data.wordVariability, named: data.textColumns + data.numericColumns > 1 };
}

/** All distinct questions, numbers apart, about tables with all columns. */
export function templatesOf(data: DataSettings): Template[] {
  const layout = layoutOf(data);
  return data.categories.flatMap((category) =>
    queriesOf(category, layout, layout).flatMap((query) =>
      wordingsOf(query, optionsOf(data)).map((wording) => ({ category, query, wording })),
    ),
  );
}

/**
 * Draws training examples one by one. Some thousand are drawn in a second, hence what is kept from one to the next: the list of
 * questions for each number of columns, their words, the stream's memory.
 */
export class TrainingExamples {
  readonly #data: DataSettings;
  readonly #layout: Layout;
  readonly #options: WordingOptions;
  readonly #queries: (readonly Query[])[] = [];
  readonly #wordings = new Map<Query, { readonly wording: Wording; readonly choices: number }>();
  readonly #stream = new HostStream(0, 'batches');

  constructor(data: DataSettings) {
    this.#data = data;
    this.#layout = layoutOf(data);
    this.#options = optionsOf(data);
  }

  /**
   * Example `index` of a seed's training set: the same whenever it is asked for.
   * @param memory for its table, of as many rows as the largest has; without it, the example has memory of its own.
   */
  draw(seed: number, index: number, memory?: TableMemory): Example {
    const data = this.#data;
    const layout = this.#layout;
    const stream = this.#stream;
    stream.restart(seed, 'batches', index);
    const columns = {
      text: layout.text && 1 + stream.integer(layout.text),
      numeric: 1 + stream.integer(layout.numeric),
    };
    const rows = data.rows.least + stream.integer(data.rows.most - data.rows.least + 1);
    const category = stream.integer(data.categories.length);
    const query = pick(stream, this.#queriesOf(category, columns));
    const wording = this.#wordingOf(query);
    const table = drawTable(stream, rows, columns, { layout, range: data.trainRange }, memory);
    const numbers = wording.numbers.map(() => drawNumber(stream, data.trainRange));
    return { wording, numbers, table, answer: answerOf(query, numbers, table, memory?.chosen) };
  }

  #queriesOf(category: number, columns: Columns): readonly Query[] {
    const { text, numeric } = this.#layout;
    const place = (category * (text + 1) + columns.text) * (numeric + 1) + columns.numeric;
    this.#queries[place] ??= queriesOf(this.#data.categories[category]!, columns, this.#layout);
    return this.#queries[place];
  }

  /** The question in words. Where an operation has one name only, there is one wording; every choice takes a number all the same. */
  #wordingOf(query: Query): Wording {
    const stream = this.#stream;
    const known = this.#wordings.get(query);
    if (known) {
      for (let i = 0; i < known.choices; i++) stream.integer(1);
      return known.wording;
    }
    let choices = 0;
    const wording = wordingOf(query, this.#options, (phrases) => {
      choices += 1;
      return pick(stream, phrases);
    });
    if (!this.#options.wordVariability) this.#wordings.set(query, { wording, choices });
    return wording;
  }
}

/** Which examples make up update `step`: each at most once an epoch, in an order of the seed and epoch. */
export class Epochs {
  readonly #count: number;
  readonly #size: number;
  #epoch = -1;
  readonly #orders = new Map<number, Int32Array>();

  constructor(count: number, size: number) {
    this.#count = count;
    this.#size = size;
  }

  /** Indices of the batch. */
  batch(seed: number, step: number): Int32Array {
    const length = updatesPerEpoch(this.#count, this.#size);
    const epoch = Math.floor(step / length);
    if (epoch !== this.#epoch) this.#orders.clear();
    this.#epoch = epoch;
    const order = this.#orders.get(seed) ?? new HostStream(seed, 'task', epoch).permutation(this.#count);
    this.#orders.set(seed, order);
    const from = (step % length) * this.#size;
    return order.subarray(from, from + this.#size);
  }
}

export function testSet(data: DataSettings): TestSet {
  const all = templatesOf(data);
  const layout = layoutOf(data);
  const order = new HostStream(data.testSeed, 'task', 0, TEST_STREAM).permutation(all.length);
  const chosen = Array.from(order.subarray(0, data.testTemplates)).sort((a, b) => a - b);
  const templates = chosen.map((index) => {
    const template = all[index]!;
    const stream = new HostStream(data.testSeed, 'batches', index, TEST_STREAM);
    const cases = Array.from({ length: data.tablesPerTemplate }, (): Case => {
      const table = drawTable(stream, data.rows.test, layout, { layout, range: data.testRange });
      const numbers = template.wording.numbers.map(() => drawNumber(stream, data.testRange));
      return { numbers, table, answer: answerOf(template.query, numbers, table) };
    });
    return { ...template, cases };
  });
  return { templates, dispose: () => undefined };
}

function pick<T>(stream: HostStream, list: readonly T[]): T {
  return list[stream.integer(list.length)]!;
}
