import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.js';

/** What a file is made of: text, or its bytes in order. */
export type Content = string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const temporaryEnding = '.tmp';

/**
 * Writes a file whole or not at all, and durably: beside it, synced, renamed. Missing folders are made. Not the
 * package write-file-atomic, which does not look at how many bytes went out: on a full disk it leaves a cut-off file.
 * @throws UserError when the disk is full or the folder cannot be written to.
 */
export async function writeWhole(file: string, content: Content): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}${temporaryEnding}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw explainWriteError(error, file);
  }
}

/** Turns what a full or read-only disk says into words and a remedy; other errors pass as they are. */
export function explainWriteError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const remedy = remedies[code];
  return remedy === undefined ? error : new UserError(`Cannot write ${file}: ${remedy} (${code})`);
}

/**
 * Deletes what killed runners left half-written in a folder: a living writer's file is never ten minutes old. What cannot
 * be deleted is left; whoever writes there next is told why.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const tenMinutes = 600_000;
  const names = await listFolder(folder).catch(() => []);
  for (const file of names
    .filter((name) => name.endsWith(temporaryEnding))
    .map((name) => join(folder, name))) {
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > tenMinutes) await rm(file, { force: true }).catch(() => {});
  }
}

/** Names in a folder, sorted; none when it does not exist. */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const full = 'the disk or quota is full. Free some space, or choose another folder with --results.';
const forbidden =
  'the folder may not be written to. Change its permissions, or choose another with --results.';
const inTheWay = 'a file stands where a folder is needed. Move it, or choose another folder with --results.';
const remedies: { readonly [code: string]: string } = {
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: 'the file would be larger than this system allows. Raise the limit (ulimit -f).',
  EROFS: 'the disk is mounted read-only. Choose another folder with --results.',
  EACCES: forbidden,
  EPERM: forbidden,
  ENOTDIR: inTheWay,
  EEXIST: inTheWay,
  ENAMETOOLONG: 'the path is too long for this system. Choose a shorter folder with --results.',
};

/** Makes a rename survive a power cut; systems that cannot open folders (Windows) need no such thing. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
