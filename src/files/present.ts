import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { type FolderName, reading } from './system-errors.js';

/*
 * What may be there. Only the system's word that there is nothing counts as nothing: whatever else it says, too many open
 * files say, is an error, lest work whose result is there be done again.
 */

/** What stands under a file's name and is no file, such as a folder, a pipe or a link to itself. */
export class NoRegularFile extends Error {}

/** Files that are open for reading at once in this process; more would not be faster. */
const openAtOnce = pLimit(32);
/** How long to wait for other parts of the process, or other processes, to close files. */
const patienceMs = 10_000;

/**
 * What the system says about a path; null where there is nothing.
 * @throws UserError when the system cannot say.
 */
export function statIfPresent(path: string, elsewhere: FolderName = '--results'): Promise<Stats | null> {
  return reading(path, elsewhere, async () => {
    try {
      return await stat(path);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null;
      throw error;
    }
  });
}

/**
 * Names in a folder, sorted; none when it does not exist.
 * @throws UserError when it cannot be read, or is no folder.
 */
export function listFolder(folder: string, elsewhere: FolderName = '--results'): Promise<string[]> {
  return reading(folder, elsewhere, async () => {
    try {
      return (await patiently(() => readdir(folder))).sort();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  });
}

/**
 * The content of a regular file; null where there is nothing. However many are asked for at once, few are open.
 * @throws NoRegularFile when something else has its name: a pipe is never waited for.
 * @throws UserError when the system does not let it be read.
 */
export function readIfPresent(path: string, elsewhere: FolderName = '--results'): Promise<Buffer | null> {
  return openAtOnce(() => reading(path, elsewhere, () => patiently(() => readRegular(path))));
}

/**
 * A regular file, open for reading. A pipe is never waited for.
 * @throws NoRegularFile when it is something else; what the system says.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK a pipe is opened only when somebody writes to it.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new NoRegularFile('not a regular file');
}

async function readRegular(path: string): Promise<Buffer | null> {
  try {
    const handle = await openRegular(path);
    return await handle.readFile().finally(() => handle.close());
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    // A loop further up the path would say nothing of the file.
    if (hasCode(error, 'ELOOP') && (await lstat(path).catch(() => null))?.isSymbolicLink())
      throw new NoRegularFile('a link that leads back to itself');
    // A socket cannot even be opened.
    if (hasCode(error, 'ENXIO')) throw new NoRegularFile('not a regular file');
    throw error;
  }
}

/** Tries again for a while when the process or the system has too many files open. */
async function patiently<T>(operation: () => Promise<T>): Promise<T> {
  for (const start = performance.now(); ; ) {
    try {
      return await operation();
    } catch (error) {
      if (!hasCode(error, 'EMFILE', 'ENFILE') || performance.now() - start > patienceMs) throw error;
      await sleep(50);
    }
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
