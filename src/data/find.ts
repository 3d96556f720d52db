import { join } from 'node:path';
import { type DataFile, type DataSet, type FileState, fileState, presentForm } from './archive.js';

/** What was found of a data set in one place. */
export interface Found {
  readonly place: string;
  readonly files: readonly { readonly file: DataFile; readonly state: FileState }[];
  /** Whether every file is there and is the published one. */
  readonly intact: boolean;
}

/** The first place below `folders` that holds every file of the data set, whatever its content, or null. */
export async function findDataSet(dataSet: DataSet, folders: readonly string[]): Promise<string | null> {
  const found = await firstPlace(dataSet, folders);
  return found?.complete ? found.place : null;
}

/**
 * Compares what is found of a data set with what was published: in the place that `findDataSet` gives, else in the first
 * one that holds any of its files. Null where there is none.
 */
export async function inspectDataSet(dataSet: DataSet, folders: readonly string[]): Promise<Found | null> {
  const found = await firstPlace(dataSet, folders);
  if (found === null) return null;
  const files = await Promise.all(
    dataSet.files.map(async (file) => ({ file, state: await fileState(found.place, file) })),
  );
  return { place: found.place, files, intact: files.every(({ state }) => state === 'good') };
}

/** The first place that has every file, else the first that has any. */
async function firstPlace(
  { name, subfolders = [name, ''], files }: DataSet,
  folders: readonly string[],
): Promise<{ place: string; complete: boolean } | null> {
  let partial: { place: string; complete: boolean } | null = null;
  for (const place of folders.flatMap((folder) => subfolders.map((subfolder) => join(folder, subfolder)))) {
    const forms = await Promise.all(files.map((file) => presentForm(place, file)));
    if (forms.every((form) => form !== null)) return { place, complete: true };
    if (forms.some((form) => form !== null)) partial ??= { place, complete: false };
  }
  return partial;
}
