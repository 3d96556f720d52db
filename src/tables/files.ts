import { realpath } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { UserError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { listFolder, NoRegularFile, readIfPresent } from '../files/present.js';
import type { FolderName } from '../files/system-errors.js';
import { writeWhole } from '../files/whole.js';
import type { ResultStore } from '../results/store.js';
import { buildTables, type Table } from './build.js';
import { tableCsv, trialsCsv } from './csv.js';
import { type Placed, placeRecords, type TablePlan } from './plan.js';

/** The tables of one config and profile, made of its stored trials alone. */
export interface StoredTables {
  /** The config that they are of. */
  readonly config: string;
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
  const { name, profile, file: config } = plan.config;
  const folder = store.folder(name, profile.name);
  const { records, problems } = await store.read(name, profile.name);
  const { placed, unplaced } = placeRecords(plan, records);
  const notices = problems.map(({ file, reason }) => `left out ${relative('', file)}: ${reason}`);
  const of = `${name}, profile ${profile.name}`;
  if (unplaced > 0) notices.push(`left out ${unplaced} stored trials of ${of}: the config has since changed`);
  if (placed.length === 0) {
    notices.push(`no stored trials of ${of}; gnoise run trains them`);
    return { config, folder, tables: [], placed, files: new Map(), notices };
  }
  const tables = buildTables(plan, records);
  const files = new Map(tables.map((table) => [`${table.id}.csv`, tableCsv(table)]));
  return { config, folder, tables, placed, files: files.set('trials.csv', trialsCsv(placed)), notices };
}

/** Says beside the tables which config they are of: a file's name alone does not tell it. Not for other machines. */
const ownerFile = '.config';

/** What files a folder should hold, by name, and the config that they are of. */
export type FolderContent = Pick<StoredTables, 'config' | 'folder' | 'files'>;

/**
 * Writes the files of a config's tables or plots.
 * @throws UserError when they cannot be written, or those of another config of the same name would be overwritten; it names
 *   `option`, which says where they go.
 */
export async function writeFiles(
  { config, folder, files }: FolderContent,
  option: FolderName = '--results',
): Promise<void> {
  if (files.size === 0) return;
  const other = await otherOwner(folder, config);
  if (other !== null)
    throw new UserError(
      `${folder} holds the tables of ${excerpt(other, 200)}, another config of the same name as ${config}. ` +
        `Rename one of them, or choose another folder with ${option}.`,
    );
  await writeWhole(join(folder, ownerFile), relative(resolve(folder), resolve(config)), option);
  for (const [name, content] of files) await writeWhole(join(folder, name), content, option);
}

/** The config whose tables lie in a folder, where it is there still, is not this one and says something else; else null. */
async function otherOwner(folder: string, config: string): Promise<string | null> {
  const written = (await content(join(folder, ownerFile)))?.toString() ?? '';
  if (written === '' || written.includes('\0')) return null;
  const owner = resolve(folder, written);
  const theirs = await content(owner).catch(() => null);
  const ours = await content(config);
  if (theirs === null || ours === null || theirs.equals(ours)) return null;
  return (await realpath(owner)) === (await realpath(config)) ? null : owner;
}

/** Whether a folder has such files: where trials were only tried out, nobody keeps tables that could be checked. */
export async function hasFiles(
  { folder }: Pick<FolderContent, 'folder'>,
  ending = '.csv',
  option: FolderName = '--results',
): Promise<boolean> {
  return (await listFolder(folder, option)).some((name) => name.endsWith(ending));
}

function content(file: string): Promise<Buffer | null> {
  return readIfPresent(file).catch((error: unknown) => {
    if (!(error instanceof NoRegularFile)) throw error;
    throw new UserError(`${file} cannot be read: ${error.message}. Move it away.`);
  });
}

/**
 * What keeps a folder's files of one kind from being those that the stored trials give, a sentence per file.
 * @param by the command that makes them, with the ending of their names.
 */
export async function compareFiles(
  { folder, files }: Pick<FolderContent, 'folder' | 'files'>,
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
      const actual = (await content(join(folder, name)))?.toString() ?? '';
      const difference = firstDifference(expected, actual);
      if (difference !== null) differences.push(`${path}:${difference}`);
    }
  }
  return differences;
}

const end = '(end of file)';

/** Line number and both lines; line endings do not count, since git may change them. */
function firstDifference(expected: string, actual: string): string | null {
  const [ours, theirs] = [expected, actual].map((text) => text.split(/\r?\n/)) as [string[], string[]];
  const line = Array.from({ length: Math.max(ours.length, theirs.length) }).findIndex(
    (_, i) => ours[i] !== theirs[i],
  );
  if (line < 0) return null;
  const [should, has] = differingParts(ours[line] ?? end, theirs[line] ?? end);
  return `${line + 1}: has   ${has}\n  should be ${should}`;
}

/** Two lines as a message may show them: a whole picture is one line, so long ones are cut to where they part. */
function differingParts(...lines: readonly [string, string]): string[] {
  const [a, b] = lines;
  const equal = Array.from({ length: a.length }).findIndex((_, i) => a[i] !== b[i]);
  const from = Math.max(a.length, b.length) <= 200 ? 0 : Math.max(0, (equal < 0 ? a.length : equal) - 40);
  return lines.map((line) => (from > 0 ? '...' : '') + excerpt(line.slice(from), 160));
}
