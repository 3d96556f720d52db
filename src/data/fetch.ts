import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../files/whole.js';
import { type Archive, type DataSet, sizeOf } from './archive.js';
import { type FetchOptions, fetchFiles } from './download.js';
import { filesToFetch } from './look.js';
import { DownloadError } from './mirrors.js';
import { unpackFiles } from './unpack.js';

/** Where archives are downloaded to, below a place: what lies here is ours to delete, what a user put there is not. */
const downloads = '.downloads';

/**
 * Brings every file of a data set into its place below `folder`, checked: one by one, or out of the first of its
 * archives that can be had. Files that are there and good stay untouched, and so does an archive that the user put there.
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
  const contents =
    (await contentsAtHand(archives, dataSet, [place, folder], options)) ??
    (await contentsOf(archives, dataSet, place, options));
  for (const { name } of wanted) await writeWhole(join(place, name), [contents.get(name)!], '--data');
  return { place, fetched: wanted.map((file) => file.name) };
}

/** The files out of an archive that lies in one of the folders already; null where there is none that is whole. */
async function contentsAtHand(
  archives: readonly Archive[],
  { files }: DataSet,
  folders: readonly string[],
  { notice = () => {} }: FetchOptions,
): Promise<Map<string, Buffer> | null> {
  const found = folders.flatMap((folder) =>
    archives.map(({ name, root }) => ({ path: join(folder, name), root })),
  );
  for (const { path, root } of found) {
    if ((await sizeOf(path)) === null) continue;
    try {
      return await unpackFiles(path, root, files);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      notice(`${error.message} It is left as it is, and another one is downloaded.`);
    }
  }
  return null;
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
    const own = join(place, downloads);
    const path = join(own, archive.name);
    try {
      await fetchFiles([archive], own, { ...options, bringTo: place });
      return await unpackFiles(path, archive.root, files);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      failures.push(error.message);
    } finally {
      await rm(path, { force: true });
      // What was downloaded in part is kept.
      await rmdir(own).catch(() => {});
    }
  }
  throw new DownloadError(failures.join('\n'));
}
