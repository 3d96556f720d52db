import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
