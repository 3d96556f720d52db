import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../files/whole.js';
import { type Archive, type DataSet, filesToFetch } from './archive.js';
import { type FetchOptions, fetchFiles } from './download.js';
import { DownloadError } from './mirrors.js';
import { unpackFiles } from './unpack.js';

/**
 * Brings every file of a data set into its place below `folder`, checked: one by one, or out of the first of its
 * archives that can be had. Files that are there and good stay untouched.
 * @returns the place, and the names of the files that were fetched.
 * @throws DownloadError when they cannot be had; UserError when the folder cannot be written.
 */
export async function fetchDataSet(
  dataSet: DataSet,
  folder: string,
  options: FetchOptions = {},
): Promise<{ place: string; fetched: string[] }> {
  const { archives, files, name, subfolders = [name] } = dataSet;
  const place = join(folder, subfolders[0]!);
  if (!archives) return { place, fetched: await fetchFiles(files, place, options) };
  const wanted = await filesToFetch(place, files);
  if (wanted.length === 0) return { place, fetched: [] };
  const contents = await contentsOf(archives, dataSet, place, options);
  for (const { name } of wanted) await writeWhole(join(place, name), [contents.get(name)!], '--data');
  return { place, fetched: wanted.map((file) => file.name) };
}

/** Downloads one archive after the other until one has all files; none of them stays. */
async function contentsOf(
  archives: readonly Archive[],
  { files }: DataSet,
  place: string,
  options: FetchOptions,
): Promise<Map<string, Buffer>> {
  const failures: string[] = [];
  for (const archive of archives) {
    const path = join(place, archive.name);
    try {
      await fetchFiles([archive], place, options);
      return await unpackFiles(path, archive.root, files);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      failures.push(error.message);
    } finally {
      await rm(path, { force: true });
    }
  }
  throw new DownloadError(failures.join('\n'));
}
