import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataSet } from './archive.js';
import { findDataSet, inspectDataSet } from './find.js';

const dataSet: DataSet = {
  name: 'toy',
  title: 'Toy',
  licence: 'CC0',
  source: 'us',
  files: ['a', 'b'].map((name) => ({
    name,
    bytes: 1,
    sha256: createHash('sha256').update(name).digest('hex'),
    mirrors: [],
  })),
};

let root: string;
let folders: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gnoise find '));
  folders = [join(root, 'first'), join(root, 'second')];
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function place(folder: string, files: Record<string, string>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

test('a data set that is nowhere is not found', async () => {
  expect(await findDataSet(dataSet, folders)).toBeNull();
  expect(await inspectDataSet(dataSet, folders)).toBeNull();
});

test('a folder of its own comes before the data folder itself, and the first folder before the second', async () => {
  const second = await place(folders[1]!, { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(second);
  const first = await place(folders[0]!, { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(first);
  const own = await place(join(folders[0]!, 'toy'), { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(own);
});

test('a part of it is looked at, but not used, and gives way to a place that has all', async () => {
  const part = await place(folders[0]!, { a: 'a' });
  expect(await findDataSet(dataSet, folders)).toBeNull();
  expect(await inspectDataSet(dataSet, folders)).toMatchObject({
    place: part,
    intact: false,
    files: [{ state: 'good' }, { state: 'missing' }],
  });
  const whole = await place(folders[1]!, { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(whole);
  expect(await inspectDataSet(dataSet, folders)).toMatchObject({ place: whole, intact: true });
});

test('what is damaged gives way to a later place that is whole, and is told where there is none', async () => {
  const damaged = await place(folders[0]!, { a: 'a', b: 'x' });
  expect(await findDataSet(dataSet, folders)).toBeNull();
  expect(await inspectDataSet(dataSet, folders)).toMatchObject({
    place: damaged,
    intact: false,
    files: [
      { state: 'good', problem: null },
      {
        state: 'damaged',
        problem: expect.stringContaining(`${join(damaged, 'b')}: it is not the published`),
      },
    ],
  });
  const whole = await place(folders[1]!, { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(whole);
});

test('a file that changes after it was found good is looked at again', async () => {
  await place(folders[0]!, { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(folders[0]);
  await place(folders[0]!, { b: 'no' });
  expect(await findDataSet(dataSet, folders)).toBeNull();
});

test('a text may have the line ends of Windows, and lie under another of its names', async () => {
  const content = Buffer.from('one\ntwo\n');
  const sha256 = createHash('sha256').update(content).digest('hex');
  const file = { name: 'en/t.txt', aliases: ['t.txt'], text: true, bytes: 8, sha256, mirrors: [] };
  const texts: DataSet = { ...dataSet, files: [file] };
  await place(folders[0]!, { 't.txt': 'one\r\ntwo\r\n' });
  expect(await findDataSet(texts, folders)).toBe(folders[0]);
  await place(folders[0]!, { 't.txt': 'one\r\ntoo\r\n' });
  expect(await findDataSet(texts, folders)).toBeNull();
});

test('a folder, a pipe and a forbidden or looping link in the place of a file are told, and nothing hangs', async () => {
  await mkdir(join(folders[0]!, 'a'), { recursive: true });
  await symlink('b', join(folders[0]!, 'b'));
  const first = await inspectDataSet(dataSet, [folders[0]!]);
  expect(first!.files.map(({ problem }) => problem)).toEqual([
    expect.stringContaining('it is not a regular file'),
    expect.stringContaining('ELOOP'),
  ]);
  await place(folders[1]!, { b: 'b' });
  await execa('mkfifo', [join(folders[1]!, 'a')]);
  const second = await inspectDataSet(dataSet, [folders[1]!]);
  expect(second!.files[0]).toMatchObject({ state: 'damaged', problem: expect.stringContaining('regular') });
});
