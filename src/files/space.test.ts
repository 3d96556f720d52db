import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderBytes, freeBytes, makeFolderWithRoom } from './space.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise space '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder is made where there is room', async () => {
  await makeFolderWithRoom(join(folder, 'a', 'b'), 1, 'GNOISE_CACHE');
  expect(await freeBytes(join(folder, 'a', 'b'))).toBeGreaterThan(1);
});

test('a disk that is too small is refused, with what there is and what it takes', async () => {
  await expect(makeFolderWithRoom(folder, 1e18, 'GNOISE_CACHE')).rejects.toThrow(
    /has [\d.]+ GB free, and this takes 1000000000\.0 GB.*GNOISE_CACHE/,
  );
});

test('the size of a folder is that of all files below it, and of none 0', async () => {
  await makeFolderWithRoom(join(folder, 'a'), 1, '--data');
  await writeFile(join(folder, 'one'), 'x'.repeat(100));
  await writeFile(join(folder, 'a', 'two'), 'x'.repeat(20));
  expect(await folderBytes(folder)).toBe(120);
  expect(await folderBytes(join(folder, 'none'))).toBe(0);
});
