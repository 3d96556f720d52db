import { Option } from '@commander-js/extra-typings';
import { UserError } from '../../errors.js';
import { printable, printableLines } from '../../excerpt.js';
import type { ResultStore } from '../../results/store.js';
import type { Table } from '../../tables/build.js';
import type { StoredTables } from '../../tables/files.js';
import type { TablePlan } from '../../tables/plan.js';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { writeJson } from '../json.js';
import { overrideOptions, resultsOption } from '../options.js';
import type { Output, Streams } from '../streams.js';

const formats = ['text', 'md', 'csv'] as const;

export const table = command({
  name: 'table',
  arguments: '<config...>',
  text: 'builds CSV files and a printed table from stored trials; trains nothing',
  options: [
    ...overrideOptions,
    resultsOption,
    new Option('--format <name>', 'how it is printed').choices(formats).default('text'),
    new Option('--json', 'as JSON').conflicts('format').default(false),
    new Option(
      '--check',
      'writes nothing; fails when a CSV file differs from what the stored trials give',
    ).default(false),
  ],
  async action([files], flags, streams) {
    const { overridesOf } = await import('../requests.js');
    const { planTables } = await import('../../planning/tables.js');
    const { ResultStore } = await import('../../results/store.js');
    const store = new ResultStore(flags.results);
    const plans = await planTables(files, overridesOf(flags), store);
    if (!flags.check) return showTables(plans, store, flags.json ? 'json' : flags.format, streams);
    const asked = flags.profile !== undefined;
    return (await checkTables(plans, store, streams, { asked, json: flags.json }))
      ? exitCodes.ok
      : exitCodes.someFailed;
  },
});

/**
 * Prints the tables, then writes their files: who may not write may read.
 * @throws UserError when files cannot be written, after all has been printed.
 */
export async function showTables(
  plans: readonly TablePlan[],
  store: ResultStore,
  format: (typeof formats)[number] | 'json',
  { out, err }: Streams,
): Promise<undefined> {
  const { storedTables, writeFiles } = await import('../../tables/files.js');
  const all = [];
  for (const plan of plans) {
    const stored = await storedTables(plan, store);
    for (const notice of stored.notices) err.write(`${printable(notice)}\n`);
    all.push(stored);
  }
  const single = await print(all, format, out);
  const failures: string[] = [];
  for (const stored of all) {
    await writeFiles(stored).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      failures.push(error.message);
    });
  }
  if (!single)
    failures.push(
      'There are several tables, and a CSV holds one: name a config and a --profile, or take the CSV files in ' +
        `${all.map(({ folder }) => folder).join(', ')}.`,
    );
  if (failures.length > 0) throw new UserError(failures.join('\n'));
}

/**
 * Prints tables in one piece.
 * @returns false where they are several and the format is for one: then nothing is printed.
 */
async function print(
  all: readonly StoredTables[],
  format: (typeof formats)[number] | 'json',
  out: Output,
): Promise<boolean> {
  if (format === 'json') {
    const { tableJson } = await import('../../tables/json.js');
    const jsonOf = ({ folder, notices, tables }: StoredTables) => ({
      folder,
      notices,
      tables: tables.map(tableJson),
    });
    writeJson(out, all.map(jsonOf));
    return true;
  }
  const { columnsOf } = await import('../views/terminal.js');
  const render = await rendererOf(format, columnsOf(out));
  const printed = all.flatMap(({ tables }) => tables.map(render));
  // Two tables are no one CSV: whatever reads the stream would take the second's head for a row.
  if (format === 'csv' && printed.length > 1) return false;
  if (printed.length > 0) out.write(printed.join('\n'));
  return true;
}

/**
 * Whether the files are those that the stored trials give; writes none, and says what differs.
 * @param options `asked`: whether the profile was named: otherwise one without any files is passed over.
 */
export async function checkTables(
  plans: readonly TablePlan[],
  store: ResultStore,
  { out, err }: Streams,
  { asked, json }: { readonly asked: boolean; readonly json: boolean },
): Promise<boolean> {
  const { compareFiles, hasFiles, storedTables } = await import('../../tables/files.js');
  const checked = [];
  for (const plan of plans) {
    const stored = await storedTables(plan, store);
    if (!asked && stored.files.size > 0 && !(await hasFiles(stored))) {
      err.write(`${printable(stored.folder)} has no tables to check; gnoise table writes them\n`);
      continue;
    }
    const differences = await compareFiles(stored);
    for (const line of [...stored.notices, ...differences]) err.write(`${printableLines(line)}\n`);
    checked.push({ folder: stored.folder, notices: stored.notices, differences });
  }
  if (json) writeJson(out, checked);
  return checked.every(({ differences }) => differences.length === 0);
}

async function rendererOf(
  format: (typeof formats)[number],
  width: number,
): Promise<(table: Table) => string> {
  switch (format) {
    case 'csv':
      return (await import('../../tables/csv.js')).tableCsv;
    case 'md':
      return (await import('../../tables/markdown.js')).tableMarkdown;
    case 'text': {
      const { tableText } = await import('../../tables/text.js');
      return (table) => tableText(table, width);
    }
  }
}
