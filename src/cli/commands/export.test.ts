import { execFileSync } from 'node:child_process';
import { cp, lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitCodes } from '../exit-codes.js';
import { runProgram } from '../program.test-helper.js';

let results: string;
beforeEach(async () => {
  results = await mkdtemp(join(tmpdir(), 'gnoise-export-'));
  await cp('results/mnist20-unit/desk', join(results, 'mnist20-unit', 'desk'), { recursive: true });
});
afterEach(() => rm(results, { recursive: true }));

const exported = (...flags: string[]) =>
  runProgram('export', 'configs/mnist20-unit.yaml', '--profile', 'desk', '--results', results, ...flags);

test('every format has all trials but a damaged one, which is named', async () => {
  const trials = join(results, 'mnist20-unit', 'desk', 'trials');
  const files = await readdir(trials);
  await writeFile(join(trials, files[0]!), '{');
  const [csv, parquet, board] = ['curves.csv', 'curves.parquet', 'board'].map((name) => join(results, name));
  const { code, out, err } = await exported('--csv', csv!, '--parquet', parquet!, '--tensorboard', board!);
  expect(code).toBe(exitCodes.ok);
  expect(out).toBe(`${csv}\n${parquet}\n${board}\n`);
  expect(err).toContain(`${files[0]}: `);
  const lines = (await readFile(csv!, 'utf8')).trim().split('\n').slice(1);
  const rows = await parquetReadObjects({ file: new Uint8Array(await readFile(parquet!)).buffer });
  expect(new Set(rows.map(({ trial }) => trial)).size).toBe(files.length - 1);
  expect(rows.map(({ trial, step, value }) => `${trial},${step},${value}`)).toEqual(
    lines.map((line) => line.replace(/.*,(\w{16}),(\d+),\w+,(.*)$/, '$1,$2,$3')),
  );
  const events = (await readdir(board!, { recursive: true })).filter((name) => name.includes('tfevents'));
  expect(events).toHaveLength(files.length - 1);
});

test('without a format it says which there are, and what cannot be written is said with the option', async () => {
  await expect(exported()).rejects.toThrow('--csv <file>, --parquet <file>, --tensorboard <folder>');
  await expect(exported('--parquet', results)).rejects.toThrow(/cannot be written.*--parquet/);
});

test('what the user has in the place of a file stays: a link leads on, a pipe is written to', async () => {
  const [link, target, pipe] = ['link.csv', 'target.csv', 'pipe'].map((name) => join(results, name));
  await writeFile(target!, 'old');
  await symlink('target.csv', link!);
  execFileSync('mkfifo', [pipe!]);
  const read = readFile(pipe!, 'utf8');
  await exported('--csv', pipe!);
  await exported('--csv', link!);
  expect((await lstat(link!)).isSymbolicLink()).toBe(true);
  expect((await lstat(pipe!)).isFIFO()).toBe(true);
  expect(await read).toBe(await readFile(target!, 'utf8'));
  expect((await read).split('\n').length).toBeGreaterThan(100);
});

test('a config that is named by two paths is exported once', async () => {
  const args = ['--profile', 'desk', '--results', results, '--csv'];
  const [once, twice] = ['once.csv', 'twice.csv'].map((name) => join(results, name));
  await exported('--csv', once!);
  await runProgram('export', 'configs/mnist20-unit.yaml', './configs/mnist20-unit.yaml', ...args, twice!);
  expect(await readFile(twice!, 'utf8')).toBe(await readFile(once!, 'utf8'));
});
