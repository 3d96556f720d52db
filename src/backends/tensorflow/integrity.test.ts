import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnoseTensorflow } from './diagnose.js';
import { backendsFolder, bindingPath, installationName } from './folders.js';
import { damagedFile, recordFiles } from './integrity.js';
import { writeManifest } from './manifest.js';
import { plainManifest } from './manifest.test-helper.js';

let cache: string;
let folder: string;
let library: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'gnoise-integrity-'));
  folder = join(backendsFolder({ GNOISE_CACHE: cache }), installationName('cpu', '2.21.0'));
  library = join(folder, 'tensorflow', 'libtensorflow_cc.so.2');
  const binding = bindingPath(join(folder, 'tfjs-node'));
  for (const path of [library, binding]) {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, 'machine code');
  }
  await writeManifest(folder, { ...plainManifest, files: await recordFiles(folder) });
});
afterEach(() => rm(cache, { recursive: true }));

test('what was installed is in order, also with other times, as copies have them', async () => {
  expect(await damagedFile(folder)).toBeNull();
  await utimes(library, 1, 1);
  expect(await damagedFile(folder)).toBeNull();
});

test('a library that was changed, shortened or deleted is named, and nothing of it is loaded', async () => {
  await writeFile(library, 'MACHINE code');
  expect(await damagedFile(folder)).toBe(library);
  await writeFile(library, (await readFile(library)).subarray(1));
  expect(await damagedFile(folder)).toBe(library);
  await rm(library);
  expect(await damagedFile(folder)).toBe(library);
  const diagnosis = await diagnoseTensorflow('cpu', { GNOISE_CACHE: cache }, () => undefined);
  expect(diagnosis).toMatchObject({
    state: 'damaged',
    lookedFor: [library],
    repair: 'gnoise backend install --force',
  });
});

test('NVIDIA’s libraries may stay behind as a whole, and are compared where they are there', async () => {
  const [blas, fft] = ['cublas/lib/libcublas.so.12', 'cufft/lib/libcufft.so.11'].map((name) =>
    join(folder, 'nvidia', name),
  );
  for (const path of [blas!, fft!]) {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, 'machine code');
  }
  await rm(join(folder, 'manifest.json'));
  await writeManifest(folder, { ...plainManifest, files: await recordFiles(folder) });
  await rm(fft!);
  expect(await damagedFile(folder)).toBe(fft);
  await rm(join(folder, 'nvidia'), { recursive: true });
  expect(await damagedFile(folder)).toBeNull();
});
