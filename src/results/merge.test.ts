import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exampleRecord } from '../tables/example.test-helper.js';
import { mergeResults } from './merge.js';
import type { TrialRecord } from './record.js';
import { ResultStore } from './store.js';
import { WeightStore, type Weights } from './weights.js';

let root: string;
let target: ResultStore;
let ada: ResultStore;
let bob: ResultStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gnoise merge – ünïcödé '));
  [target, ada, bob] = ['target', 'ada', 'bob'].map((name) => new ResultStore(join(root, name))) as [
    ResultStore,
    ResultStore,
    ResultStore,
  ];
});
afterEach(() => rm(root, { recursive: true, force: true }));

const trial = (seed: number, testAccuracy = 0.9) => exampleRecord({ seed }, testAccuracy);
const failed = (seed: number): TrialRecord => ({
  ...trial(seed),
  outcome: { kind: 'failed', error: 'out of memory' },
});
const merge = () => mergeResults(target, [ada.root, bob.root]);
const bytes = (record: TrialRecord) => readFile(target.path(record), 'utf8');

test('brings together what several machines trained, of all configs and profiles', async () => {
  const other = { ...trial(2), config: 'other', profile: 'smoke' };
  for (const record of [trial(0), trial(1)]) await ada.write(record);
  for (const record of [trial(1), other]) await bob.write(record);
  expect(await merge()).toEqual({ added: 3, replaced: 0, same: 1, weights: 0, conflicts: [], problems: [] });
  for (const record of [trial(0), trial(1), other]) expect(await target.readOne(record)).toEqual(record);
});

test('done twice changes nothing', async () => {
  await ada.write(trial(0));
  await bob.write(trial(1));
  await merge();
  expect(await merge()).toMatchObject({ added: 0, same: 2, conflicts: [] });
});

test('where and when a trial was trained is no conflict', async () => {
  const { provenance } = trial(0);
  await target.write(trial(0));
  await ada.write({ ...trial(0), provenance: { ...provenance, seconds: provenance.seconds + 1 } });
  await bob.write(trial(0));
  const before = await bytes(trial(0));
  expect(await merge()).toMatchObject({ same: 2, conflicts: [] });
  expect(await bytes(trial(0))).toBe(before);
});

test('nor are gradients that an older version did not record', async () => {
  const sized = trial(0).curve.map((point) => ({ ...point, gradient: { norm: 2, rms: 0.1 } }));
  await target.write(trial(0));
  await ada.write({ ...trial(0), curve: sized });
  await bob.write(trial(0));
  expect(await merge()).toMatchObject({ same: 2, conflicts: [] });
});

test('names another result of a trial, and keeps the one that is there to the last byte', async () => {
  await target.write(trial(0, 0.9));
  await ada.write(trial(0, 0.8));
  await bob.write(trial(1));
  const before = await bytes(trial(0));
  const { added, conflicts } = await merge();
  expect(added).toBe(1);
  expect(conflicts).toEqual([{ kept: target.path(trial(0)), leftOut: ada.path(trial(0)) }]);
  expect(await bytes(trial(0))).toBe(before);
});

test('two sources that contradict each other are a conflict, too', async () => {
  await ada.write(trial(0, 0.9));
  await bob.write(trial(0, 0.8));
  expect((await merge()).conflicts).toEqual([{ kept: target.path(trial(0)), leftOut: bob.path(trial(0)) }]);
  expect(await target.readOne(trial(0))).toEqual(trial(0, 0.9));
});

test('a failed attempt gives way to a result, and never takes its place', async () => {
  await target.write(failed(0));
  await ada.write(trial(0));
  await bob.write(failed(0));
  expect(await merge()).toMatchObject({ added: 0, replaced: 1, same: 1, conflicts: [] });
  expect(await target.readOne(trial(0))).toEqual(trial(0));
});

test('names files that cannot be trusted, and leaves them out', async () => {
  for (const record of [trial(0), trial(1)]) await ada.write(record);
  await bob.write(trial(2));
  await writeFile(ada.path(trial(0)), '{"format": 1');
  const { added, problems } = await merge();
  expect(added).toBe(2);
  expect(problems).toEqual([
    { file: ada.path(trial(0)), reason: expect.stringContaining('cut off or damaged') },
  ]);
  expect(await target.readOne(trial(0))).toBeNull();
});

test.each([
  ['is missing', async () => {}, /bob is no folder/],
  ['is a file', () => writeFile(bob.root, ''), /bob is no folder/],
  [
    'has no trials',
    () => mkdir(join(bob.root, 'mnist20', 'desk', 'trials'), { recursive: true }),
    /bob holds no trials/,
  ],
  [
    'is a folder of trials itself',
    async () => {
      await bob.write(trial(1));
      bob = new ResultStore(dirname(bob.path(trial(1))));
    },
    /trials holds no trials at <config>/,
  ],
  [
    'is the target',
    async () => {
      bob = target;
    },
    /is the folder that is merged into/,
  ],
])('nothing is written when one of the folders %s', async (_, arrange, message) => {
  await ada.write(trial(0));
  await arrange();
  await expect(merge()).rejects.toThrow(message);
  expect(await target.readOne(trial(0))).toBeNull();
});

test('kept weights come along with their results, and not without: those that are there stay', async () => {
  const weights = (value: number): Weights => ({
    tensors: [{ name: 'w', shape: [1], data: Float32Array.of(value) }],
    state: null,
  });
  const [here, there] = [new WeightStore(target), new WeightStore(ada)];
  await target.write(trial(1, 0.9));
  await target.write(trial(2));
  await here.write(trial(2), weights(2), '1.0.0');
  for (const record of [trial(0), trial(1, 0.8), trial(2), trial(3)]) {
    await ada.write(record);
    await there.write(record, weights(7), '1.0.0');
  }
  await writeFile(there.path(trial(3)), 'torn');
  await bob.write(trial(0));
  expect(await merge()).toMatchObject({
    weights: 1,
    problems: [{ file: there.path(trial(3)), reason: 'not a safetensors file' }],
  });
  expect(await here.read(trial(0))).toEqual({ weights: weights(7) });
  expect(await here.read(trial(2))).toEqual({ weights: weights(2) });
  expect(await here.ids(trial(0))).toEqual(new Set([trial(0).id, trial(2).id]));
});
