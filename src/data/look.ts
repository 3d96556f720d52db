import type { Stats } from 'node:fs';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UserError } from '../errors.js';
import { expand } from '../files/expand.js';
import { NoRegularFile, readIfPresent, statIfPresent } from '../files/present.js';
import { sha256 } from '../files/sha256.js';
import type { Content, DataFile, Stored } from './archive.js';

/*
 * Files of data sets are judged by what they hold: it must be the published content to the bit, whatever the file is called,
 * whether it is packed and how well, and whichever line ends a text was given.
 */

/** What there is of a file in a place. */
export type Look =
  | { readonly state: 'good'; readonly path: string; readonly content: Buffer }
  | {
      readonly state: 'damaged';
      readonly path: string;
      /** Why it cannot be used. */
      readonly reason: string;
      /** What it holds, where so much can be said. */
      readonly content: Buffer | null;
    }
  | { readonly state: 'missing' };

export type FileState = Look['state'];

/** A file's content under one of the names that it may have. */
interface Candidate {
  readonly name: string;
  /** What the file is made of, from what is stored. */
  open(stored: Stored): Promise<Buffer | null>;
}

/** Files that were found good, with their sizes and times: what is only looked for need not be read again. */
const knownGood = new Set<string>();

/** Looks for a file under every name that it may have; the first good one is taken, else the first damaged one told. */
export async function lookFor(place: string, file: DataFile): Promise<Look> {
  let damaged: Look | null = null;
  for (const candidate of candidatesOf(file))
    for (const path of await expand(place, candidate.name)) {
      const look = await judge(path, candidate, file);
      if (look.state === 'good') return look;
      if (look.state === 'damaged') damaged ??= look;
    }
  return damaged ?? { state: 'missing' };
}

/** As `lookFor`, but for the content, which is not read when it was found good before and has not changed since. */
export async function stateOf(
  place: string,
  file: DataFile,
): Promise<Exclude<Look, { state: 'good' }> | Good> {
  for (const { name } of candidatesOf(file))
    for (const path of await expand(place, name)) {
      const found = await statIfPresent(path, '--data').catch(() => null);
      if (found !== null && knownGood.has(goodness(path, found, file))) return { state: 'good', path };
    }
  return lookFor(place, file);
}

type Good = { readonly state: 'good'; readonly path: string };

/** Those of the files that are missing from `place` or damaged there. */
export async function filesToFetch(place: string, files: readonly DataFile[]): Promise<DataFile[]> {
  const looks = await Promise.all(files.map((file) => stateOf(place, file)));
  return files.filter((_, i) => looks[i]!.state !== 'good');
}

function candidatesOf(file: DataFile): Candidate[] {
  const names = [file.name, ...(file.unpacked ? [file.unpacked.name] : []), ...(file.aliases ?? [])];
  const open = async (stored: Stored) => {
    const bytes = await stored.read();
    return file.unpacked && isPacked(bytes) ? unpack(bytes, file) : bytes;
  };
  return [
    ...names.map((name) => ({ name, open })),
    ...(file.within ?? []).map(({ name, extract }) => ({ name, open: extract })),
  ];
}

async function judge(path: string, candidate: Candidate, file: DataFile): Promise<Look> {
  const damaged = (reason: string, content: Buffer | null = null): Look => ({
    state: 'damaged',
    path,
    reason,
    content,
  });
  try {
    const found = await statIfPresent(path, '--data');
    if (found === null) return { state: 'missing' };
    if (!found.isFile()) return damaged('it is not a regular file');
    const { bytes } = wanted(file);
    if (found.size > largest(file))
      return damaged(`it has ${found.size} bytes, far more than the published ${bytes}`);
    const content = await candidate.open({ path, identity: identity(path, found), read: () => read(path) });
    if (content === null) return { state: 'missing' };
    const good = published(content, file);
    if (good === null) return damaged(difference(content, file), content);
    knownGood.add(goodness(path, found, file));
    return { state: 'good', path, content: good };
  } catch (error) {
    if (error instanceof UserError || error instanceof NoRegularFile || error instanceof Unpackable)
      return damaged(error.message);
    throw error;
  }
}

/** The published content that these bytes are, or null. */
function published(content: Buffer, file: DataFile): Buffer | null {
  const { sha256: expected } = wanted(file);
  if (sha256(content) === expected) return content;
  if (!file.text) return null;
  const plain = Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return sha256(plain) === expected ? plain : null;
}

function difference(content: Buffer, file: DataFile): string {
  const { sha256: expected } = wanted(file);
  if (content.length === 0) return 'it is empty';
  return `it is not the published file: its SHA-256 is ${sha256(content)}, expected ${expected}`;
}

/** What a file holds in the end. */
function wanted(file: DataFile): Content {
  return file.unpacked ?? file;
}

/** Bytes above which a file is not looked into: text with other line ends, and containers of all files, are below. */
function largest(file: DataFile): number {
  return 4 * Math.max(file.bytes, wanted(file).bytes) + (file.within ? 2 ** 26 : 1024);
}

async function read(path: string): Promise<Buffer> {
  const bytes = await readIfPresent(path, '--data');
  if (bytes === null) throw new Unpackable('it was deleted a moment ago');
  return bytes;
}

function identity(path: string, { size, mtimeMs, ino }: Stats): string {
  return [path, size, mtimeMs, ino].join(' ');
}

function goodness(path: string, found: Stats, file: DataFile): string {
  return `${identity(path, found)} ${wanted(file).sha256}`;
}

/** What does not unpack. */
export class Unpackable extends Error {}

export function isPacked(stored: Buffer): boolean {
  return stored[0] === 0x1f && stored[1] === 0x8b;
}

async function unpack(stored: Buffer, file: DataFile): Promise<Buffer> {
  // Allows for trailing bytes, so that they are reported as such, but not for a decompression bomb.
  const limit = 2 * (file.unpacked?.bytes ?? 2 ** 30) + 1024;
  try {
    return await promisify(gunzip)(stored, { maxOutputLength: limit });
  } catch (error) {
    const length = `the file has ${stored.length} bytes, the published one ${file.bytes}`;
    throw new Unpackable(`gunzip says "${(error as Error).message}" (${length})`);
  }
}
