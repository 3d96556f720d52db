import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ResultStore } from '../../results/store.js';
import { exampleConfig, exampleRecord, exampleTrial } from '../../tables/example.test-helper.js';
import type { TablePlan } from '../../tables/plan.js';
import { capture } from '../streams.test-helper.js';
import { checkTables, showTables } from './table.js';

let root: string;
let store: ResultStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gnoise tables – ünïcödé '));
  store = new ResultStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const arms = ['no-noise', 'with-noise'];
const plan: TablePlan = {
  config: exampleConfig,
  trials: arms.flatMap((arm) => [0, 1].map((seed) => exampleTrial({ arm, seed }))),
};

async function show(format: 'text' | 'md' | 'csv' = 'text', plans: readonly TablePlan[] = [plan]) {
  const streams = capture();
  await showTables(plans, store, format, streams);
  return streams.text;
}

const store4 = () =>
  Promise.all(
    arms.flatMap((arm, i) =>
      [0, 1].map((seed) => store.write(exampleRecord({ arm, seed }, [0.114, 0.945][i]!))),
    ),
  );
const folder = () => store.folder('mnist20', 'desk');
const csvFiles = async () => (await readdir(folder())).filter((name) => name.endsWith('.csv'));

test('writes a CSV per table and one of the trials, and prints the tables in the format asked for', async () => {
  await store4();
  const { out, err } = await show();
  expect(err).toBe('');
  expect(out).toMatch(/^Table 1: MNIST test accuracy .*REDUCED/);
  expect(await csvFiles()).toEqual(['table-1.csv', 'trials.csv']);
  expect((await readFile(join(folder(), 'trials.csv'), 'utf8')).trim().split('\n')).toHaveLength(5);
  expect((await show('md')).out).toMatch(/^### Table 1/);
  expect((await show('csv')).out).toBe(await readFile(join(folder(), 'table-1.csv'), 'utf8'));
});

test('without stored trials says how to get some, and writes nothing', async () => {
  expect(await show()).toEqual({ out: '', err: expect.stringContaining('gnoise run') });
  expect(await readdir(root)).toEqual([]);
});

test('says which files and trials it leaves out', async () => {
  await store4();
  await writeFile(store.path(exampleTrial({ seed: 0 })), 'broken');
  await store.write(exampleRecord({ revision: 2 }, 0.9));
  const { err } = await show();
  expect(err).toMatch(/left out .*json: not valid JSON/);
  expect(err).toContain('left out 1 stored trials of mnist20, profile desk');
});

test('makes the tables of every profile that is planned', async () => {
  await store4();
  const profile = { name: 'smoke', title: 'seconds' };
  const smoke = { config: { ...exampleConfig, profile }, trials: [exampleTrial({ profile: 'smoke' })] };
  await store.write(exampleRecord({ profile: 'smoke' }, 0.2));
  const { out } = await show('text', [plan, smoke]);
  expect(out).toContain('profile desk');
  expect(out).toContain('profile smoke, REDUCED: seconds');
  expect(await readdir(store.folder('mnist20', 'smoke'))).toEqual([
    '.config',
    'table-1.csv',
    'trials',
    'trials.csv',
  ]);
});

test('prints what it may not store, and then says so', async () => {
  await store4();
  await mkdir(join(folder(), 'trials.csv'));
  const streams = capture();
  const shown = showTables([plan], store, 'text', streams);
  await expect(shown).rejects.toThrow(/trials\.csv cannot be written: .*--results/);
  expect(streams.text.out).toMatch(/^Table 1/);
});

test('puts one table into a stream of CSV, and of several says where they are', async () => {
  await store4();
  const smoke = { ...exampleConfig, profile: { name: 'smoke', title: null } };
  await store.write(exampleRecord({ profile: 'smoke' }, 0.2));
  const streams = capture();
  const plans = [plan, { config: smoke, trials: [exampleTrial({ profile: 'smoke' })] }];
  await expect(showTables(plans, store, 'csv', streams)).rejects.toThrow(/There are several tables.*smoke/);
  expect(streams.text.out).toBe('');
  expect(await csvFiles()).toEqual(['table-1.csv', 'trials.csv']);
});

test('leaves the tables of another config of the same name alone, as long as that is there', async () => {
  await store4();
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(root, `${name}.yaml`)) as [string, string];
  const of = (file: string) => show('text', [{ ...plan, config: { ...exampleConfig, file } }]);
  await writeFile(ours, 'experiment: mnist20');
  await writeFile(theirs, 'experiment: mnist20 # otherwise');
  await of(theirs);
  await expect(of(ours)).rejects.toThrow(/theirs\.yaml, another config of the same name.*Rename/);
  await of(theirs);
  await rm(theirs);
  await of(ours);
});

describe('--check', () => {
  async function check() {
    const streams = capture();
    return { same: await checkTables([plan], store, streams, { asked: true, json: false }), ...streams.text };
  }

  test('passes when the files are what the stored trials give, whatever their line endings', async () => {
    await store4();
    await show();
    expect(await check()).toEqual({ same: true, out: '', err: '' });
    const file = join(folder(), 'table-1.csv');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('\n', '\r\n'));
    expect((await check()).same).toBe(true);
  });

  test('shows the first line that differs, and changes nothing', async () => {
    await store4();
    await show();
    const file = join(folder(), 'table-1.csv');
    const edited = (await readFile(file, 'utf8')).replace('0.945', '0.999');
    await writeFile(file, edited);
    const { same, err } = await check();
    expect(same).toBe(false);
    expect(err).toMatch(/table-1\.csv:3: has {3}.*0\.999.*\n {2}should be .*0\.945/);
    expect(await readFile(file, 'utf8')).toBe(edited);
  });

  test('passes over trials without any tables, such as those of a trial run, unless they are asked for', async () => {
    await store4();
    const { same, err } = await check();
    expect([same, err]).toEqual([false, expect.stringContaining('table-1.csv: missing')]);
    const streams = capture();
    expect(await checkTables([plan], store, streams, { asked: false, json: false })).toBe(true);
    expect(streams.text.err).toContain('no tables to check');
  });

  test('names files that are missing, and files that no stored trial backs', async () => {
    await store4();
    await writeFile(join(folder(), 'table-9.csv'), 'made up');
    const { same, err } = await check();
    expect(same).toBe(false);
    expect(err).toContain('table-1.csv: missing');
    expect(err).toContain('table-9.csv: the stored trials give no such table');
    expect(await csvFiles()).toEqual(['table-9.csv']);
  });
});
