import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { listFolder } from '../files/present.js';
import type { FolderName } from '../files/system-errors.js';
import { writeWhole } from '../files/whole.js';
import type { ResultStore } from '../results/store.js';
import { buildTables, type Table } from './build.js';
import { tableCsv, trialsCsv } from './csv.js';
import { type Placed, placeRecords, type TablePlan } from './plan.js';

/** The tables of one config and profile, made of its stored trials alone. */
export interface StoredTables {
  /** Where their files lie. */
  readonly folder: string;
  /** None while no trial is stored. */
  readonly tables: readonly Table[];
  /** The trials that they are made of, in the tables' order. */
  readonly placed: readonly Placed[];
  /** What each CSV file holds, by its name: one per table, and `trials.csv`. */
  readonly files: ReadonlyMap<string, string>;
  /** What the user should know: what was left out and why, or how to get trials. A sentence each. */
  readonly notices: readonly string[];
}

/** Reads a profile's stored trials and makes its tables; writes nothing. */
export async function storedTables(plan: TablePlan, store: ResultStore): Promise<StoredTables> {
  const { name, profile } = plan.config;
  const folder = store.folder(name, profile.name);
  const { records, problems } = await store.read(name, profile.name);
  const { placed, unplaced } = placeRecords(plan, records);
  const notices = problems.map(({ file, reason }) => `left out ${relative('', file)}: ${reason}`);
  const of = `${name}, profile ${profile.name}`;
  if (unplaced > 0) notices.push(`left out ${unplaced} stored trials of ${of}: the config has since changed`);
  if (placed.length === 0) {
    notices.push(`no stored trials of ${of}; gnoise run trains them`);
    return { folder, tables: [], placed, files: new Map(), notices };
  }
  const tables = buildTables(plan, records);
  const files = new Map(tables.map((table) => [`${table.id}.csv`, tableCsv(table)]));
  return { folder, tables, placed, files: files.set('trials.csv', trialsCsv(placed)), notices };
}

/** What files a folder should hold, by name. */
export type FolderContent = Pick<StoredTables, 'folder' | 'files'>;

/** @throws UserError when the files cannot be written; it names `option`, which says where they go. */
export async function writeFiles(
  { folder, files }: FolderContent,
  option: FolderName = '--results',
): Promise<void> {
  for (const [name, content] of files) await writeWhole(join(folder, name), content, option);
}

/**
 * What keeps a folder's files of one kind from being those that the stored trials give, a sentence per file.
 * @param by the command that makes them, with the ending of their names.
 */
export async function compareFiles(
  { folder, files }: FolderContent,
  by: { readonly command: 'table' | 'plot'; readonly ending: string } = { command: 'table', ending: '.csv' },
): Promise<string[]> {
  const found = (await listFolder(folder)).filter((name) => name.endsWith(by.ending));
  const differences: string[] = [];
  for (const name of new Set([...files.keys(), ...found])) {
    const path = relative('', join(folder, name));
    const expected = files.get(name);
    if (expected === undefined)
      differences.push(`${path}: the stored trials give no such ${by.command}; delete it`);
    else if (!found.includes(name)) differences.push(`${path}: missing; gnoise ${by.command} writes it`);
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
