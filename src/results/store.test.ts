import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { exampleRecord } from '../tables/example.test-helper.js';
import { useCompiled } from './compiled.test-helper.js';
import type { TrialRecord } from './record.js';
import { ResultStore } from './store.js';

const compiled = useCompiled('results/store', 'tables/example.test-helper');

let root: string;
let store: ResultStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gnoise results – ünïcödé '));
  store = new ResultStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const first = exampleRecord({ seed: 0 }, 0.97);
const second = exampleRecord({ seed: 1 }, 0.11);
const read = () => store.read('mnist20', 'desk');

test('what was written is read back, by id', async () => {
  await store.write(first);
  await store.write(second);
  const { records, problems } = await read();
  expect(records).toEqual([first, second].sort((a, b) => (a.id < b.id ? -1 : 1)));
  expect(problems).toEqual([]);
  expect(await store.readOne(first)).toEqual(first);
  expect(await store.profiles('mnist20')).toEqual(['desk']);
});

test('nothing stored is nothing read', async () => {
  expect(await read()).toEqual({ records: [], problems: [] });
  expect(await store.readOne(first)).toBeNull();
  expect(await store.profiles('mnist20')).toEqual([]);
});

test('NaN and infinities survive', async () => {
  const odd: TrialRecord = {
    ...first,
    outcome: { kind: 'diverged', step: 3 },
    metrics: { testAccuracy: Number.NaN },
    curve: [
      { step: 1, loss: Number.POSITIVE_INFINITY, metrics: {} },
      { step: 3, loss: Number.NaN, metrics: { testLoss: Number.NEGATIVE_INFINITY } },
    ],
  };
  await store.write(odd);
  expect(await store.readOne(odd)).toEqual(odd);
});

test('a later record of a trial replaces the earlier one', async () => {
  await store.write({ ...first, outcome: { kind: 'failed', error: 'out of memory' } });
  await store.write(first);
  expect(await store.readOne(first)).toEqual(first);
  expect(await readdir(dirname(store.path(first)))).toHaveLength(1);
});

describe('a file that is not trusted', () => {
  const damage: [string, (file: string) => Promise<unknown>, RegExp][] = [
    ['cut off', (file) => truncate(file, 200), /not valid JSON/],
    ['empty', (file) => truncate(file, 0), /empty/],
    ['followed by something', (file) => appendFile(file, '}'), /not valid JSON/],
    ['of another kind', (file) => writeFile(file, '{"name":"gnoise"}'), /not a trial record.*format/],
    ['of a later format', (file) => change(file, '"format": 1', '"format": 2'), /not a trial record.*format/],
    ['edited', (file) => change(file, '"seed":0', '"seed":1'), /its id .* is not that of its description/],
    ['of another trial', (file) => copyOfSecond(file), /it holds trial/],
    ['a folder', (file) => rm(file).then(() => mkdir(file)), /^not a regular file$/],
    ['a pipe', (file) => rm(file).then(() => execa('mkfifo', [file])), /^not a regular file$/],
    ['a link to itself', (file) => rm(file).then(() => symlink(file, file)), /^a link that leads back/],
  ];

  test.each(damage)('%s is reported, and kept as it is', async (_name, harm, reason) => {
    await store.write(first);
    await harm(store.path(first));
    await store.write(second);
    const { records, problems } = await read();
    expect(records).toEqual([second]);
    expect(problems).toEqual([{ file: store.path(first), reason: expect.stringMatching(reason) }]);
    expect(await store.readOne(first)).toBeNull();
  });

  test('is set aside when its trial is stored again, however often', async () => {
    for (const content of ['once', 'twice']) {
      await mkdir(dirname(store.path(first)), { recursive: true });
      await writeFile(store.path(first), content);
      await store.write(first);
    }
    expect(await read()).toEqual({ records: [first], problems: [] });
    expect(await readFile(`${store.path(first)}.broken-1`, 'utf8')).toBe('once');
    expect(await readFile(`${store.path(first)}.broken-2`, 'utf8')).toBe('twice');
  });

  async function change(file: string, from: string, to: string): Promise<void> {
    const text = await readFile(file, 'utf8');
    expect(text).toContain(from);
    await writeFile(file, text.replace(from, to));
  }

  async function copyOfSecond(file: string): Promise<void> {
    await store.write(second);
    await writeFile(file, await readFile(store.path(second)));
  }
});

describe('what cannot be read is never taken for what is not there', () => {
  const inTheWay: [string, (trials: string) => Promise<unknown>, RegExp][] = [
    ['a file', (trials) => writeFile(trials, ''), /ENOTDIR/],
    ['a pipe', (trials) => execa('mkfifo', [trials]), /ENOTDIR/],
    ['a link to itself', (trials) => symlink(trials, trials), /ELOOP/],
  ];

  test.each(inTheWay)('%s in the place of the trials', async (_name, put, reason) => {
    const trials = dirname(store.path(first));
    await mkdir(dirname(trials), { recursive: true });
    await put(trials);
    const uses = [
      read,
      () => store.profiles('mnist20'),
      () => store.readOne(first),
      () => store.write(first),
    ];
    for (const use of uses) {
      const error = await use().catch((error: unknown) => error);
      expect(error).toBeInstanceOf(UserError);
      expect((error as UserError).message).toMatch(reason);
    }
  });

  test('under a path that is too long', async () => {
    const far = new ResultStore(join(root, 'x'.repeat(300)));
    for (const use of [() => far.readOne(first), () => far.profiles('mnist20'), () => far.write(first)])
      await expect(use()).rejects.toThrow(/cannot be .*: the path is too long .*--results/);
  });

  test('a file beside the profiles is none of them', async () => {
    await store.write(first);
    await writeFile(join(root, 'mnist20', 'notes.txt'), 'mine');
    expect(await store.profiles('mnist20')).toEqual(['desk']);
  });

  test('more trials than files may be open, and for a moment no file at all', async () => {
    const script = `
      import { open } from 'node:fs/promises';
      const { ResultStore } = await import(${JSON.stringify(compiled('results/store'))});
      const { exampleRecord } = await import(${JSON.stringify(compiled('tables/example.test-helper'))});
      const store = new ResultStore(process.argv[1]);
      const records = Array.from({ length: 200 }, (_, seed) => exampleRecord({ seed }, 0.5));
      for (const record of records) await store.write(record);
      const readAll = async () =>
        (await Promise.all(records.map((record) => store.readOne(record)))).filter((record) => record !== null).length;
      const plenty = await readAll();
      const handles = [];
      try { for (;;) handles.push(await open('/dev/null')); } catch {}
      setTimeout(() => handles.forEach((handle) => handle.close()), 200);
      console.log(plenty, await readAll());
    `;
    const { stdout } = await execa('sh', [
      '-c',
      'ulimit -n 100 && exec "$0" --input-type=module -e "$1" "$2"',
      process.execPath,
      script,
      root,
    ]);
    expect(stdout).toBe('200 200');
  });
});

describe('a folder that cannot be written to', () => {
  test("is the user's to mend, and told which and how", async () => {
    await writeFile(join(root, 'mnist20'), 'a file in the way');
    const writing = store.write(first);
    await expect(writing).rejects.toThrow(UserError);
    await expect(writing).rejects.toThrow(/ cannot be read: a .* file.* Move it away.*--results/);
  });

  test('because its disk is full: an error, no part of the new file, and the old one as it was', async (context) => {
    const mounts = await execa('unshare', ['-rm', 'true'], { reject: false });
    if (mounts.failed) return context.skip('needs unshare, to mount a small disk without being root');
    // A first record fits in 64 KiB, a second of 200 KiB does not.
    const script = `
      import { readdir } from 'node:fs/promises';
      import { dirname } from 'node:path';
      const { ResultStore } = await import(${JSON.stringify(compiled('results/store'))});
      const { exampleRecord } = await import(${JSON.stringify(compiled('tables/example.test-helper'))});
      const store = new ResultStore(process.argv[1]);
      const record = exampleRecord({}, 0.5);
      await store.write(record);
      const large = { ...record, outcome: { kind: 'failed', error: 'x'.repeat(200_000) } };
      const error = await store.write(large).catch((error) => error);
      const kept = await store.readOne(record);
      const files = await readdir(dirname(store.path(record)));
      console.log(JSON.stringify({ name: error.name, message: error.message, kept: kept?.outcome.kind, files: files.length }));
    `;
    const { stdout } = await execa('unshare', [
      '-rm',
      'sh',
      '-c',
      'mount -t tmpfs -o size=64k none "$0" && exec "$1" --input-type=module -e "$2" "$0"',
      root,
      process.execPath,
      script,
    ]);
    expect(JSON.parse(stdout)).toEqual({
      name: 'UserError',
      message: expect.stringMatching(/ cannot be written: the disk is full \(ENOSPC\)/),
      kept: 'missed',
      files: 1,
    });
  });
});
