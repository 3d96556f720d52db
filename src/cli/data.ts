import { type DataFile, type DataSet, type FileState, fileState, places } from '../data/archive.js';
import { fetchDataSet } from '../data/fetch.js';
import { dataSetNamed, dataSets } from '../data/registry.js';
import type { Check } from './doctor.js';
import { downloadReport, megabytes } from './download-report.js';

/** A stream for text, e.g. `process.stdout`. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What `gnoise data list|fetch|verify` works on. */
export interface DataRequest {
  /** The data set's name; all of them if left out. */
  readonly name?: string | undefined;
  /** Folders to look in, first match wins; downloads go into the first. */
  readonly folders: readonly string[];
  /** Takes the result. */
  readonly out: Output;
  /** Takes progress. */
  readonly err: Output;
}

/**
 * Prints each data set, where it was found and in which state.
 * @returns the exit code: always 0.
 * @throws UserError for an unknown name.
 */
export async function listData({ name, folders, out }: DataRequest): Promise<number> {
  for (const dataSet of requested(name)) {
    const { title, licence, source } = dataSet;
    const status = describe(dataSet, await inspect(dataSet, folders));
    out.write(`${dataSet.name}: ${title} (${licence})\n  from ${source}\n  ${status.join('\n  ')}\n`);
  }
  out.write(`Looked in:\n${folders.map((folder) => `  ${folder}\n`).join('')}`);
  return 0;
}

/**
 * Downloads what is missing or damaged into the first folder.
 * @returns the exit code: 0 when everything is there.
 * @throws UserError for an unknown name, DownloadError or UserError when a file cannot be had or written.
 */
export async function fetchData({ name, folders, out, err }: DataRequest): Promise<number> {
  for (const dataSet of requested(name)) {
    const found = await inspect(dataSet, folders.slice(0, 1));
    if (found?.intact) {
      out.write(`${dataSet.name}: already complete in ${found.place}\n`);
      continue;
    }
    const report = downloadReport(dataSet.name, err);
    try {
      const { place, fetched } = await fetchDataSet(dataSet, folders[0]!, report);
      out.write(
        `${dataSet.name}: ${fetched.length} of ${dataSet.files.length} files downloaded to ${place}\n`,
      );
    } finally {
      report.end();
    }
  }
  return 0;
}

/**
 * Compares every file with its published size and SHA-256.
 * @returns the exit code: 1 when a file is damaged, or missing from a data set that is present or was asked for by name.
 * @throws UserError for an unknown name.
 */
export async function verifyData({ name, folders, out }: DataRequest): Promise<number> {
  let code = 0;
  for (const dataSet of requested(name)) {
    const found = await inspect(dataSet, folders);
    out.write(`${dataSet.name}: ${describe(dataSet, found).join('\n  ')}\n`);
    if (!found?.intact && (found !== null || name !== undefined)) code = 1;
  }
  return code;
}

/** The data sets as `gnoise doctor` lists them: none is needed, since digits and stories can be generated. */
export async function checkData(folders: readonly string[]): Promise<Check[]> {
  return Promise.all(
    dataSets.map(async (dataSet): Promise<Check> => {
      const found = await inspect(dataSet, folders);
      const name = `data ${dataSet.name}`;
      if (found?.intact) return { name, status: 'ok', text: found.place };
      const text = found ? `incomplete in ${found.place}` : 'not found; generated data can stand in for it';
      return { name, status: 'optional', text, repair: `gnoise data fetch ${dataSet.name}` };
    }),
  );
}

function requested(name: string | undefined): readonly DataSet[] {
  return name === undefined ? dataSets : [dataSetNamed(name)];
}

/** What was found of a data set in one place. */
interface Found {
  readonly place: string;
  readonly files: readonly { readonly file: DataFile; readonly state: FileState }[];
  /** Whether every file is good. */
  readonly intact: boolean;
}

/** The first place that has every file, else the first that has any, else null: the one that loading would take. */
async function inspect(dataSet: DataSet, folders: readonly string[]): Promise<Found | null> {
  let partial: Found | null = null;
  for (const place of places(dataSet, folders)) {
    const files = await Promise.all(
      dataSet.files.map(async (file) => ({ file, state: await fileState(place, file) })),
    );
    const found = { place, files, intact: files.every(({ state }) => state === 'good') };
    if (files.every(({ state }) => state !== 'missing')) return found;
    if (files.some(({ state }) => state !== 'missing')) partial ??= found;
  }
  return partial;
}

function describe(dataSet: DataSet, found: Found | null): string[] {
  const size = megabytes(dataSet.files.reduce((sum, file) => sum + file.bytes, 0));
  const repair = `run 'gnoise data fetch ${dataSet.name}'`;
  if (found === null) return [`not found: ${repair} (${size} MB)`];
  if (found.intact) return [`complete, checksums right, in ${found.place}`];
  const bad = found.files.filter(({ state }) => state !== 'good');
  return [
    `incomplete in ${found.place}: ${repair}`,
    ...bad.map(({ file, state }) => `${state}: ${file.name}`),
  ];
}
