import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('what is inspected is what would be used: the first place with all files, damaged or not', async () => {
  const damaged = await place(folders[0]!, { a: 'a', b: 'x' });
  await place(folders[1]!, { a: 'a', b: 'b' });
  expect(await findDataSet(dataSet, folders)).toBe(damaged);
  expect(await inspectDataSet(dataSet, folders)).toMatchObject({
    place: damaged,
    intact: false,
    files: [{ state: 'good' }, { state: 'damaged' }],
  });
});
