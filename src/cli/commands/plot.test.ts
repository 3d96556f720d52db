import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitCodes } from '../exit-codes.js';
import { runProgram } from '../program.test-helper.js';

let results: string;
let folder: string;
beforeEach(async () => {
  results = await mkdtemp(join(tmpdir(), 'gnoise-plot-'));
  folder = join(results, 'mnist20-unit', 'desk');
  await cp('results/mnist20-unit/desk', folder, { recursive: true });
});
afterEach(() => rm(results, { recursive: true }));

const plot = (...flags: string[]) =>
  runProgram('plot', 'configs/mnist20-unit.yaml', '--profile', 'desk', '--results', results, ...flags);

test('--check passes on committed charts, and names those that are missing, changed or left over', async () => {
  expect(await plot('--check')).toEqual({ code: exitCodes.ok, out: '', err: '' });
  await rm(join(folder, 'table-1.pairs.svg'));
  await writeFile(join(folder, 'table-1.curves.svg'), '<svg></svg>\n');
  await writeFile(join(folder, 'old.success.svg'), '<svg></svg>\n');
  const { code, err } = await plot('--check');
  expect(code).toBe(exitCodes.someFailed);
  expect(err).toContain('table-1.pairs.svg: missing; gnoise plot writes it');
  expect(err).toContain('table-1.curves.svg:1: has   <svg></svg>');
  expect(err).toContain('old.success.svg: the stored trials give no such plot; delete it');
});

test('a damaged record is named and left out, and charts go where --out says', async () => {
  const [first] = await readdir(join(folder, 'trials'));
  await writeFile(join(folder, 'trials', first!), '{');
  const { code, out, err } = await plot('--out', join(results, 'charts'));
  expect(code).toBe(exitCodes.ok);
  expect(err).toContain(`${first}: `);
  const path = out.trim().split('\n')[0]!;
  expect(path).toBe(join(results, 'charts', 'mnist20-unit', 'desk', 'table-1.success.svg'));
  expect(await readFile(path, 'utf8')).toMatch(/^<svg/);
});

test('--narrow draws for phones, and what is there of that is kept up and checked; --png draws PNG beside', async () => {
  for (const name of await readdir(folder)) if (name.endsWith('.svg')) await rm(join(folder, name));
  const wide = await plot('--png');
  expect(wide.out).not.toContain('narrow');
  const picture = await readFile(join(folder, 'table-1.curves.png'));
  expect(picture.toString('latin1', 1, 4)).toBe('PNG');
  expect((await plot('--narrow')).out).toContain(join(folder, 'table-1.curves.narrow.svg'));
  const narrow = join(folder, 'table-1.pairs.narrow.svg');
  await writeFile(narrow, '<svg></svg>\n');
  expect((await plot('--check')).err).toContain('table-1.pairs.narrow.svg:1: has   <svg></svg>');
  await plot();
  expect(await readFile(narrow, 'utf8')).toContain('</text>');
  expect((await plot('--check')).code).toBe(exitCodes.ok);
});

test('a file in the place of the folder of charts is said with the option that named it', async () => {
  const file = join(results, 'file');
  await writeFile(file, 'mine');
  await expect(plot('--out', file)).rejects.toThrow(/a file, not a folder.* another folder with --out\./);
});
