import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { type LockOptions, underLock } from './lock.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise lock – ünïcödé '));
  path = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options: LockOptions = { staleAfter: 2000, elsewhere: '--data' };

/** A lock as another machine holds it: dated now, unless told otherwise. */
async function heldElsewhere(holder: string, seconds = Date.now() / 1000): Promise<void> {
  await mkdir(path);
  await writeFile(`${path}.holder`, holder);
  await utimes(path, seconds, seconds);
}

test('works in turns, gives back what the work gives, and leaves nothing behind', async () => {
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await sleep(50);
    log.push(`${name} ends`);
    return name;
  };
  const names = ['a', 'b', 'c'];
  expect(await Promise.all(names.map((name) => underLock(path, options, work(name))))).toEqual(names);
  expect(log.map((line) => line.split(' ')[1])).toEqual(Array(3).fill(['begins', 'ends']).flat());
  expect(await readdir(folder)).toEqual([]);
});

test('says once, when it waits, who holds the lock', async () => {
  const waits: string[] = [];
  const onWait = (holder: string) => waits.push(holder);
  let waiting: Promise<void> | undefined;
  await underLock(path, options, async () => {
    waiting = underLock(path, { ...options, onWait }, async () => {});
    await sleep(500);
  });
  await waiting;
  expect(waits).toEqual([`process ${process.pid} on ${hostname()}`]);
});

test('repeats no words that it did not write itself', async () => {
  await heldElsewhere('process 1 on \u001b[31mmars');
  const waits: string[] = [];
  const onWait = (holder: string) => waits.push(holder);
  await expect(underLock(path, { ...options, onWait, patience: 300 }, async () => {})).rejects.toThrow();
  expect(waits).toEqual(['another process']);
});

test('gives up when its patience ends, and says who held the lock', async () => {
  await heldElsewhere('process 7 on ada');
  const failure = underLock(path, { ...options, patience: 1000 }, async () => {});
  await expect(failure).rejects.toThrow(/lock was held by others for 1 s, at last by process 7 on ada/);
});

test('stops waiting when it is asked to', async () => {
  await heldElsewhere('process 7 on ada');
  const signal = AbortSignal.abort(new UserError('interrupted'));
  await expect(underLock(path, { ...options, signal }, async () => {})).rejects.toThrow('interrupted');
});

test.each([
  ['a killed process left long ago', 0],
  ['is dated in the future', 4e9],
])('takes a lock that %s', async (_, seconds) => {
  await heldElsewhere('process 7 on ada', seconds);
  expect(await underLock(path, options, async () => 'mine')).toBe('mine');
});

test('is told when another took the lock over, and leaves it to that one', async () => {
  const told = await underLock(path, options, async (lost) => {
    await rm(path, { recursive: true });
    await mkdir(path);
    while (!lost.aborted) await sleep(50);
    return (lost.reason as Error).message;
  });
  expect(told).toContain('another process took it over');
  expect(await readdir(folder)).toContain('lock');
});

test('is released when the work fails', async () => {
  const failing = underLock(path, options, () => Promise.reject(new Error('no memory')));
  await expect(failing).rejects.toThrow('no memory');
  expect(await readdir(folder)).toEqual([]);
});

test('in a folder that cannot be written to is named, with the way out', async () => {
  await writeFile(join(folder, 'occupied'), '');
  const failure = underLock(join(folder, 'occupied', 'lock'), options, async () => {});
  await expect(failure).rejects.toThrow(/lock cannot be written: a part of this path is a file.*--data/);
});
