import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { explainWriteError, listFolder, removeLeftovers, writeWhole } from './whole.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise atomic – ünïcödé '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('makes missing folders, and leaves nothing beside the file', async () => {
  const file = join(folder, 'a', 'b', 'file.txt');
  await writeWhole(file, 'first');
  await writeWhole(file, [Buffer.from('sec'), Buffer.from('ond')]);
  expect(await readFile(file, 'utf8')).toBe('second');
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file.txt']);
});

test('keeps the old file when the new content fails half-way', async () => {
  const file = join(folder, 'file.txt');
  await writeWhole(file, 'old');
  function* failing() {
    yield Buffer.from('new');
    throw new Error('lost the device');
  }
  await expect(writeWhole(file, failing())).rejects.toThrow('lost the device');
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file.txt']);
});

test('several writers of one file leave one of their contents, whole', async () => {
  const file = join(folder, 'file.txt');
  const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
  await Promise.all(contents.map((content) => writeWhole(file, content)));
  expect(contents).toContain(await readFile(file, 'utf8'));
});

test.each([
  ['ENOSPC', /disk or quota is full/],
  ['EDQUOT', /disk or quota is full/],
  ['EROFS', /read-only/],
  ['EACCES', /may not be written to/],
])('%s is explained with a remedy', (code, words) => {
  const explained = explainWriteError(Object.assign(new Error('failed'), { code }), '/results/x.json');
  expect(explained).toBeInstanceOf(UserError);
  expect((explained as Error).message).toMatch(words);
  expect((explained as Error).message).toContain('/results/x.json');
});

test('what a killed writer left is removed once it is old; the files themselves never are', async () => {
  await writeWhole(join(folder, 'old.json'), '{}');
  await writeFile(join(folder, 'old.json.1-a.tmp'), '{');
  await writeFile(join(folder, 'new.json.1-b.tmp'), '{');
  await utimes(join(folder, 'old.json'), 0, 0);
  await utimes(join(folder, 'old.json.1-a.tmp'), 0, 0);
  await removeLeftovers(folder);
  expect(await listFolder(folder)).toEqual(['new.json.1-b.tmp', 'old.json']);
});
