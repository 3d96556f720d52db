import { expand } from '../files/expand.js';
import type { DataFile, DataSet } from './archive.js';
import { stateOf } from './look.js';

/** A file of a data set, as found in a place. */
export interface FoundFile {
  readonly file: DataFile;
  /** `damaged`: something is there under one of its names, and is not the published file. */
  readonly state: 'good' | 'damaged' | 'missing';
  /** Which file is damaged and why, in words. */
  readonly problem: string | null;
}

/** What was found of a data set in one place. */
export interface Found {
  readonly place: string;
  readonly files: readonly FoundFile[];
  /** Whether every file is there and is the published one. */
  readonly intact: boolean;
}

/** The first place below `folders` that holds every file of the data set as published, or null. */
export async function findDataSet(dataSet: DataSet, folders: readonly string[]): Promise<string | null> {
  const found = await inspectDataSet(dataSet, folders);
  return found?.intact ? found.place : null;
}

/**
 * What is found of a data set in the place that `findDataSet` gives; where it gives none, in the first place that has
 * something under the name of every file, else in the first that has anything. Null where there is nothing.
 */
export async function inspectDataSet(
  { name, subfolders = [name, ''], files }: DataSet,
  folders: readonly string[],
): Promise<Found | null> {
  let complete: Found | null = null;
  let partial: Found | null = null;
  for (const place of await placesIn(folders, subfolders)) {
    const found = await inspectPlace(place, files);
    if (found.intact) return found;
    if (found.files.every(({ state }) => state !== 'missing')) complete ??= found;
    if (found.files.some(({ state }) => state !== 'missing')) partial ??= found;
  }
  return complete ?? partial;
}

/** Every subfolder of every folder, those with `*` in their names as they are there. */
async function placesIn(folders: readonly string[], subfolders: readonly string[]): Promise<string[]> {
  const places: string[] = [];
  for (const folder of folders)
    for (const subfolder of subfolders) places.push(...(await expand(folder, subfolder)));
  return places;
}

async function inspectPlace(place: string, files: readonly DataFile[]): Promise<Found> {
  const found = await Promise.all(
    files.map(async (file): Promise<FoundFile> => {
      const look = await stateOf(place, file);
      const problem = look.state === 'damaged' ? `${look.path}: ${look.reason}` : null;
      return { file, state: look.state, problem };
    }),
  );
  return { place, files: found, intact: found.every(({ state }) => state === 'good') };
}
