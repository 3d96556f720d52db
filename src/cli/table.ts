import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { listFolder } from '../files/present.js';
import { writeWhole } from '../files/whole.js';
import type { ResultStore } from '../results/store.js';
import { buildTables, type Table } from '../tables/build.js';
import { tableCsv, trialsCsv } from '../tables/csv.js';
import { tableMarkdown } from '../tables/markdown.js';
import { placeRecords, type TablePlan } from '../tables/plan.js';
import { tableText } from '../tables/text.js';

/** Where text goes, e.g. `process.stdout`. */
export interface Writer {
  write(text: string): unknown;
}

export type TableFormat = 'csv' | 'md' | 'text';

export interface TableOptions {
  /** One per config and profile. */
  readonly plans: readonly TablePlan[];
  readonly store: ResultStore;
  readonly format: TableFormat;
  /** Write nothing, and compare the CSV files there are with what the stored trials give. */
  readonly check: boolean;
  /** The tables. */
  readonly out: Writer;
  /** What the user should know besides. */
  readonly err: Writer;
}

const renderers: { readonly [format in TableFormat]: (table: Table) => string } = {
  csv: tableCsv,
  md: tableMarkdown,
  text: tableText,
};

/**
 * `gnoise table`: from stored trials alone, writes `trials.csv` and a CSV per table into each profile's folder and prints
 * the tables.
 * @returns false when `check` found a difference.
 * @throws UserError when the files cannot be written.
 */
export async function tableCommand(options: TableOptions): Promise<boolean> {
  const { plans, store, format, check, out, err } = options;
  const printed: string[] = [];
  let same = true;
  for (const plan of plans) {
    const built = await build(plan, store, err);
    const folder = store.folder(plan.config.name, plan.config.profile.name);
    if (check) {
      const differences = await compare(folder, built?.files ?? new Map());
      for (const difference of differences) err.write(`${difference}\n`);
      same &&= differences.length === 0;
      continue;
    }
    for (const [name, content] of built?.files ?? [])
      await writeWhole(join(folder, name), content, '--results');
    printed.push(...(built?.tables ?? []).map(renderers[format]));
  }
  if (printed.length > 0) out.write(printed.join('\n'));
  return same;
}

interface Built {
  readonly tables: readonly Table[];
  /** Content by file name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The tables of one plan and their files; null while it has no stored trials. */
async function build(plan: TablePlan, store: ResultStore, err: Writer): Promise<Built | null> {
  const { name, profile } = plan.config;
  const { records, problems } = await store.read(name, profile.name);
  for (const { file, reason } of problems) err.write(`left out ${relative('', file)}: ${reason}\n`);
  const { placed, unplaced } = placeRecords(plan, records);
  if (unplaced > 0) {
    err.write(
      `left out ${unplaced} stored trials of ${name}, profile ${profile.name}: the config has since changed\n`,
    );
  }
  if (placed.length === 0) {
    err.write(`no stored trials of ${name}, profile ${profile.name}; gnoise run trains them\n`);
    return null;
  }
  const tables = buildTables(plan, records);
  const files = new Map(tables.map((table) => [`${table.id}.csv`, tableCsv(table)]));
  return { tables, files: files.set('trials.csv', trialsCsv(placed)) };
}

/** What keeps the CSV files of a folder from being those that the stored trials give, a sentence per file. */
async function compare(folder: string, files: ReadonlyMap<string, string>): Promise<string[]> {
  const found = (await listFolder(folder)).filter((name) => name.endsWith('.csv'));
  const differences: string[] = [];
  for (const name of new Set([...files.keys(), ...found])) {
    const path = relative('', join(folder, name));
    const expected = files.get(name);
    if (expected === undefined) differences.push(`${path}: the stored trials give no such table; delete it`);
    else if (!found.includes(name)) differences.push(`${path}: missing; gnoise table writes it`);
    else {
      const difference = firstDifference(expected, await readFile(join(folder, name), 'utf8'));
      if (difference !== null) differences.push(`${path}:${difference}`);
    }
  }
  return differences;
}

/** Line number and both lines; line endings do not count, since git may change them. */
function firstDifference(expected: string, actual: string): string | null {
  const [ours, theirs] = [expected, actual].map((text) => text.split(/\r?\n/)) as [string[], string[]];
  const end = '(end of file)';
  const line = Array.from({ length: Math.max(ours.length, theirs.length) }).findIndex(
    (_, i) => ours[i] !== theirs[i],
  );
  return line < 0 ? null : `${line + 1}: has   ${theirs[line] ?? end}\n  should be ${ours[line] ?? end}`;
}
