import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../trainer/population.js';
import { Checkpoints } from './checkpoints.js';

let folder: string;
let notices: string[];
let checkpoints: Checkpoints;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise checkpoints – ünïcödé '));
  notices = [];
  checkpoints = new Checkpoints(folder, (text) => notices.push(text));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const snapshot = (ids: readonly string[], step: number): Snapshot => ({
  ids,
  step,
  curves: ids.map(() => []),
  host: null,
  reportedAt: 0,
  tensors: [{ name: 'w', shape: [ids.length], dtype: 'float32', data: new Float32Array(ids.length) }],
});
const write = (ids: readonly string[], step: number) =>
  checkpoints.write(checkpoints.path(ids), snapshot(ids, step), 12.5, '2026-01-01T00:00:00Z');
const find = async (...wanted: string[]) => {
  const found = await checkpoints.find(new Set(wanted));
  return found && { step: found.snapshot.step, ids: found.ids };
};
const files = () => readdir(join(folder, 'checkpoints'));

it('what a killed runner left half-written is removed at the end, and what may be in writing is not', async () => {
  await write(['a'], 500);
  const [old, young] = ['b', 'c'].map((name) => `${checkpoints.path([name])}.1-0.tmp`);
  for (const file of [old!, young!]) await writeFile(file, 'half');
  await utimes(old!, 0, 0);
  await checkpoints.prune(() => true);
  expect(await files()).toEqual([basename(young!)]);
});

describe('of each trial the furthest state', () => {
  it('is found, whatever populations it was in', async () => {
    await write(['a', 'b', 'c'], 500);
    await write(['a'], 700);
    await write(['b', 'x'], 300);
    expect(await find('a', 'b', 'c')).toEqual({ step: 700, ids: ['a'] });
    expect(await find('b', 'c')).toEqual({ step: 500, ids: ['b', 'c'] });
    expect(await find('x')).toEqual({ step: 300, ids: ['x'] });
    expect(await find('y')).toBeNull();
  });

  it('survives another population that begins with the same trial', async () => {
    await write(['a', 'b', 'c'], 500);
    await write(['a', 'b'], 600);
    expect(await find('c')).toEqual({ step: 500, ids: ['c'] });
  });

  it('does not depend on the order of a population', () => {
    expect(checkpoints.path(['b', 'a'])).toBe(checkpoints.path(['a', 'b']));
    expect(checkpoints.path(['a'])).not.toBe(checkpoints.path(['a', 'b']));
  });
});

describe('a checkpoint is removed', () => {
  it('when all its trials have results', async () => {
    await write(['a', 'b'], 500);
    await checkpoints.prune((id) => id === 'a');
    expect(await files()).toHaveLength(1);
    await checkpoints.prune(() => true);
    expect(await files()).toEqual([]);
  });

  it('when those without results have a later state in the file just written', async () => {
    await write(['a', 'b'], 500);
    await write(['c'], 100);
    await write(['b'], 600);
    await checkpoints.prune((id) => id === 'a', { file: checkpoints.path(['b']), ids: ['b'], step: 600 });
    expect(await find('b')).toEqual({ step: 600, ids: ['b'] });
    expect(await find('c')).toEqual({ step: 100, ids: ['c'] });
    expect(await files()).toHaveLength(2);
  });

  it('never for a state that is earlier', async () => {
    await write(['a'], 500);
    await write(['a', 'b'], 400);
    await checkpoints.prune(() => false, { file: checkpoints.path(['a', 'b']), ids: ['a', 'b'], step: 400 });
    expect(await find('a')).toEqual({ step: 500, ids: ['a'] });
  });
});

describe('a damaged checkpoint', () => {
  it('is set aside with a word, and an earlier one serves, wherever a byte of it is wrong', async () => {
    await write(['a'], 900);
    const file = checkpoints.path(['a']);
    const good = await readFile(file);
    for (let at = 0; at < good.length; at++) {
      // Another version's files are left alone.
      if (at >= 8 && at < 12) continue;
      await rm(join(folder, 'checkpoints'), { recursive: true });
      await write(['a', 'b'], 100);
      const bad = Buffer.from(good);
      bad[at]! ^= 1 << (at % 8);
      await writeFile(file, bad);
      notices = [];
      expect(await find('a'), `byte ${at}`).toEqual({ step: 100, ids: ['a'] });
      // A header that names another trial, or an earlier step, hides the damage until somebody wants that one.
      const header = at >= 16 && at < good.length - 32 - 4;
      if (!header) {
        expect(await files()).toContain(`${file.split('/').at(-1)}.damaged`);
        expect(notices.join()).toMatch(/is set aside as .*\.damaged: .*Its trials go on from an earlier one/);
      }
    }
  }, 60_000);

  it.each([
    ['a list', '[]'],
    ['nothing', 'null'],
    ['other things', '{"ids":"abc","step":"9"}'],
    ['half of it', '{"ids":["a"]}'],
  ])('is one whose header holds %s', async (_, header) => {
    const { writeCheckpoint } = await import('../results/checkpoint.js');
    await writeCheckpoint(checkpoints.path(['a']), { header: JSON.parse(header), tensors: [] });
    expect(await find('a')).toBeNull();
    expect(notices).toHaveLength(1);
    await checkpoints.prune(() => true);
  });
});
