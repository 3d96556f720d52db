import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DataSet } from './archive.js';
import { fetchDataSet } from './fetch.js';
import { DownloadError } from './mirrors.js';
import { unpackFiles } from './unpack.js';

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise-'));
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const STORY = Buffer.from('1 Mary moved.\n');
const file = { name: 'en/story.txt', bytes: STORY.length, sha256: sha256(STORY), mirrors: [] };

test('gives the wanted files and passes over everything else', async () => {
  const path = await archive([
    ['set/', '', 'Directory'],
    ['set/hn/story.txt', 'other'],
    ['set/en/story.txt', STORY],
    ['../../escaped.txt', 'evil'],
    ['/tmp/escaped.txt', 'evil'],
    ['set/en/link.txt', '', 'SymbolicLink', '/etc/passwd'],
  ]);
  const contents = await unpackFiles(path, 'set/', [file]);
  expect([...contents]).toEqual([['en/story.txt', STORY]]);
  expect(await readdir(folder)).toEqual(['set.tar.gz']);
});

test.each([
  [
    'a link in the place of a file',
    ['set/en/story.txt', '', 'SymbolicLink', '/etc/passwd'] as const,
    'has no file',
  ],
  [
    'a file of another size',
    ['set/en/story.txt', 'short'] as const,
    'has no file en/story.txt of the published size',
  ],
  ['a file with other content', ['set/en/story.txt', '1 John moved.\n'] as const, 'has the SHA-256'],
  ['an archive without the file', ['set/en/else.txt', STORY] as const, 'has no file'],
])('refuses %s', async (_what, entry, message) => {
  const path = await archive([entry]);
  await expect(unpackFiles(path, 'set/', [file])).rejects.toThrow(DownloadError);
  await expect(unpackFiles(path, 'set/', [file])).rejects.toThrow(message);
});

test('refuses what is no archive, and one that is cut off', async () => {
  const path = await archive([['set/en/story.txt', STORY]]);
  const whole = await readFile(path);
  for (const content of [Buffer.from('<html>'), whole.subarray(0, whole.length / 2)]) {
    await writeFile(path, content);
    await expect(unpackFiles(path, 'set/', [file])).rejects.toThrow('is damaged');
  }
});

test('stops at a bomb', async () => {
  const path = join(folder, 'set.tar.gz');
  await writeFile(path, gzipSync(Buffer.alloc(2 ** 20)));
  await expect(unpackFiles(path, 'set/', [file], 2 ** 19)).rejects.toThrow('unpacks to more than');
});

/** A data set of one file, but for its archives. */
const aSet = {
  name: 'set',
  title: 'A set',
  licence: 'CC0',
  source: 'here',
  subfolders: ['set'],
  files: [file],
};

test('a data set comes out of the first archive that can be had, and nothing else stays', async () => {
  const bytes = await readFile(await archive([['set/en/story.txt', STORY]]));
  const url = await serve(bytes);
  const packed = { name: 'good.tar.gz', bytes: bytes.length, sha256: null, mirrors: [url], root: 'set/' };
  const dataSet: DataSet = {
    ...aSet,
    archives: [{ ...packed, name: 'bad.tar.gz', sha256: 'f'.repeat(64) }, packed],
  };
  const found = await fetchDataSet(dataSet, folder);
  expect(found).toEqual({ place: join(folder, 'set'), fetched: ['en/story.txt'] });
  expect(await readFile(join(folder, 'set/en/story.txt'))).toEqual(STORY);
  expect((await readdir(join(folder, 'set'))).filter((name) => name.includes('.tar'))).toEqual([]);
  expect((await fetchDataSet(dataSet, folder)).fetched).toEqual([]);
});

describe('an archive that the user put there', () => {
  const dataSet: DataSet = {
    ...aSet,
    archives: [{ name: 'set.tar.gz', bytes: 1, sha256: null, mirrors: [], root: 'set/' }],
  };

  test.each(['', 'set'])('is used and kept, in the data folder or below it: "%s"', async (below) => {
    const bytes = await readFile(await archive([['set/en/story.txt', STORY]]));
    await rm(join(folder, 'set.tar.gz'));
    const path = join(folder, below, 'set.tar.gz');
    await mkdir(join(folder, below), { recursive: true });
    await writeFile(path, bytes);
    expect((await fetchDataSet(dataSet, folder)).fetched).toEqual(['en/story.txt']);
    expect(await readFile(path)).toEqual(bytes);
  });

  test('is named and kept where it is damaged and no other can be had', async () => {
    const path = join(folder, 'set.tar.gz');
    await writeFile(path, 'damaged');
    const notices: string[] = [];
    const notice = (message: string) => notices.push(message);
    const error = await fetchDataSet(dataSet, folder, { notice }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(DownloadError);
    expect((error as Error).message).toContain(`put it into ${join(folder, 'set')}.`);
    expect(notices[0]).toContain(`${path} is damaged`);
    expect(await readFile(path, 'utf8')).toBe('damaged');
  });
});

type Entry = readonly [
  path: string,
  content: string | Buffer,
  type?: 'Directory' | 'SymbolicLink',
  link?: string,
];

/** Writes a gzipped tar archive whose entries need not be well behaved. */
async function archive(entries: readonly Entry[]): Promise<string> {
  const blocks = entries.flatMap(([path, content, type, link]) => {
    const bytes = Buffer.from(content);
    const header = new Header({
      path,
      size: bytes.length,
      type: type ?? 'File',
      mode: 0o644,
      mtime: new Date(0),
    });
    if (link !== undefined) header.linkpath = link;
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  const path = join(folder, 'set.tar.gz');
  await writeFile(path, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
  return path;
}

async function serve(bytes: Buffer): Promise<string> {
  server = createServer((_request, response) => response.end(bytes));
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/set.tar.gz`;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
