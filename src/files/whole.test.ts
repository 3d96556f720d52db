import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { listFolder } from './present.js';
import { removeLeftovers, writeWhole } from './whole.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise whole – ünïcödé '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('makes missing folders, and leaves nothing beside the file', async () => {
  const file = join(folder, 'a', 'b', 'file.txt');
  await writeWhole(file, 'first', '--results');
  await writeWhole(file, [Buffer.from('sec'), Buffer.from('ond')], '--results');
  expect(await readFile(file, 'utf8')).toBe('second');
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file.txt']);
});

test('keeps the old file when the new content fails half-way', async () => {
  const file = join(folder, 'file.txt');
  await writeWhole(file, 'old', '--results');
  function* failing() {
    yield Buffer.from('new');
    throw new Error('lost the device');
  }
  await expect(writeWhole(file, failing(), '--results')).rejects.toThrow('lost the device');
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file.txt']);
});

test('several writers of one file leave one of their contents, whole', async () => {
  const file = join(folder, 'file.txt');
  const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
  await Promise.all(contents.map((content) => writeWhole(file, content, '--results')));
  expect(contents).toContain(await readFile(file, 'utf8'));
});

test('says which file cannot be written, why and what to do', async () => {
  await writeFile(join(folder, 'occupied'), '');
  const failure = expect(writeWhole(join(folder, 'occupied', 'file.txt'), 'x', '--results')).rejects;
  await failure.toBeInstanceOf(UserError);
  await failure.toThrow(/occupied.file\.txt cannot be written: a .* Move it away.* --results/);
});

test('what a killed writer left is removed once it is old; the files themselves never are', async () => {
  await writeWhole(join(folder, 'old.json'), '{}', '--results');
  await writeFile(join(folder, 'old.json.1-a.tmp'), '{');
  await writeFile(join(folder, 'new.json.1-b.tmp'), '{');
  await utimes(join(folder, 'old.json'), 0, 0);
  await utimes(join(folder, 'old.json.1-a.tmp'), 0, 0);
  await removeLeftovers(folder);
  expect(await listFolder(folder)).toEqual(['new.json.1-b.tmp', 'old.json']);
});
