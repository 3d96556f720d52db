import { lstat, mkdir, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { type FolderName, writing } from './system-errors.js';

/** Bytes of all files below a folder; 0 when it does not exist. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      lstat(join(entry.parentPath, entry.name)).then(
        (file) => file.size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Bytes that an ordinary user can still write to the disk that holds a folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Makes a folder on a disk with room in it.
 * @param elsewhere what names another folder.
 * @throws UserError when the folder cannot be made, or has less than `bytes` left.
 */
export async function makeFolderWithRoom(
  folder: string,
  bytes: number,
  elsewhere: FolderName,
): Promise<void> {
  await writing(folder, elsewhere, () => mkdir(folder, { recursive: true }));
  const free = await freeBytes(folder);
  if (free >= bytes) return;
  throw new UserError(
    `${folder} has ${gigabytes(free)} free, and this takes ${gigabytes(bytes)} for a while. ` +
      `Free some space, or choose another folder with ${elsewhere}.`,
  );
}

/** A number of bytes for people: `1.5 GB`. */
export const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
