import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { sha256 } from '../files/sha256.js';
import type { Content } from './archive.js';
import { DownloadError } from './mirrors.js';

/** Bytes to which an archive may unpack, 0.5 GiB: far above the text data that come in archives. */
const LARGEST = 2 ** 29;

/**
 * Reads files out of a gzipped tar archive, into memory: nothing in the archive decides what is written or where, so
 * paths, links and special entries in it do no harm. Everything but the wanted files is passed over.
 * @param root what precedes the files' names in the archive.
 * @param largest bytes to which the archive may unpack.
 * @returns the content of every file, by name.
 * @throws DownloadError when a file is missing or not the published one, or the archive is damaged or far too large.
 */
export async function unpackFiles(
  path: string,
  root: string,
  files: readonly Content[],
  largest = LARGEST,
): Promise<Map<string, Buffer>> {
  const wanted = new Map(files.map((file) => [root + file.name, file]));
  const contents = new Map<string, Buffer>();
  const reading: Promise<void>[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const file = wanted.get(entry.path);
      // A wrong size is left unread: it would fail the check below in any case.
      if (!file || entry.type !== 'File' || entry.size !== file.bytes) return entry.resume();
      reading.push(read(entry).then((content) => void contents.set(file.name, content)));
    },
  });
  try {
    await pipeline(
      createReadStream(path),
      createGunzip(),
      limit(largest),
      parser as unknown as NodeJS.WritableStream,
    );
    await Promise.all(reading);
  } catch (error) {
    throw new DownloadError(`${path} is damaged: ${(error as Error).message}.`);
  }
  for (const file of files) check(path, file, contents.get(file.name));
  return contents;
}

async function read(entry: ReadEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Passes bytes on until there are too many. */
function limit(most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength;
      if (bytes > most) done(new Error(`it unpacks to more than ${most} bytes`));
      else done(null, chunk);
    },
  });
}

function check(path: string, { name, sha256: expected }: Content, content: Buffer | undefined): void {
  if (!content) throw new DownloadError(`${path} has no file ${name} of the published size.`);
  const found = sha256(content);
  if (found !== expected)
    throw new DownloadError(`${name} in ${path} has the SHA-256 ${found}, expected ${expected}.`);
}
