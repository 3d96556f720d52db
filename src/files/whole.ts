import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listFolder } from './present.js';
import { type FolderName, writing } from './system-errors.js';

/** What a file is made of: text, or its bytes in order. */
export type Content = string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const temporaryEnding = '.tmp';

/**
 * Writes a file whole or not at all, and durably: beside it, then published. Missing folders are made. Not the package
 * write-file-atomic, which does not look at how many bytes went out: on a full disk it leaves a cut-off file.
 * @param elsewhere what names another folder.
 * @throws UserError when the disk is full or the folder cannot be written to.
 */
export async function writeWhole(file: string, content: Content, elsewhere: FolderName): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}${temporaryEnding}`;
  try {
    await writing(file, elsewhere, async () => {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(temporary, content, { flag: 'wx' });
      await publish(temporary, file);
    });
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Writes a file that the user named. What stands there is theirs: a link goes on leading where it leads, and a device or a
 * pipe, such as /dev/null or `>(gzip)` of a shell, is written to; a rename would put a file in its place.
 * @param elsewhere what names another file.
 * @throws UserError as `writeWhole`.
 */
export async function writeNamed(file: string, content: Content, elsewhere: FolderName): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there !== null && !there.isFile() && !there.isDirectory())
    return writing(file, elsewhere, () => writeFile(file, content));
  await writeWhole(there === null ? file : await realpath(file), content, elsewhere);
}

/** Gives a finished file its name, so that even a power cut leaves there what was before or the whole file. */
export async function publish(finished: string, file: string): Promise<void> {
  const handle = await open(finished, 'r+');
  await handle.sync().finally(() => handle.close());
  await rename(finished, file);
  await syncFolder(dirname(file));
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

/** Makes a rename survive a power cut; systems that cannot open folders (Windows) need no such thing. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
