import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { claimTrials, liveClaims } from './claims.js';
import { useCompiled } from './compiled.test-helper.js';

const compiled = useCompiled('results/claims');
const pending = Array.from({ length: 24 }, (_, i) => `trial-${String(i).padStart(2, '0')}`);
const all = (free: string[]) => free;

let folder: string;
let children: { kill(signal: 'SIGKILL'): boolean }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise claims – ünïcödé '));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** A child process that runs a module with `claimTrials`, `folder` and `pending` at hand. */
function runner(body: string) {
  const script = `
    import { appendFileSync, readFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const { claimTrials } = await import(${JSON.stringify(compiled('results/claims'))});
    const folder = process.argv[1];
    const log = folder + '/log';
    const pending = ${JSON.stringify(pending)};
    ${body}
  `;
  const child = execa(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdin: 'ignore',
    stderr: 'inherit',
    reject: false,
  });
  children.push(child);
  return child;
}

/** Trains everything, three trials at a time; a line in the log is a stored record. */
const trainAll = `
  for (;;) {
    const done = () => new Set(readFileSync(log, 'utf8').trim().split('\\n'));
    const claim = await claimTrials(folder, pending, (free) => {
      const stored = done();
      return free.filter((id) => !stored.has(id)).slice(0, 3);
    });
    if (claim === null) break;
    for (const id of [...claim.ids]) {
      await sleep(5);
      appendFileSync(log, id + '\\n');
      await claim.drop(id);
    }
    await claim.release();
  }
`;

async function trained(): Promise<string[]> {
  return (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n').sort();
}

/** Resolves with the first thing that a child prints. */
async function firstOutput(child: ReturnType<typeof runner>): Promise<string> {
  const [data] = await once(child.stdout, 'data');
  return String(data).trim();
}

test('a claim of another machine that is dated in the future ages from when it is first seen', async () => {
  const claims = join(folder, '.claims');
  const file = join(claims, '7-ab.json');
  await mkdir(claims);
  const claim = { host: 'elsewhere', machine: 'another', pid: 7, start: null, ids: pending };
  await writeFile(file, JSON.stringify(claim));
  await utimes(file, Date.now() / 1000 + 1e8, Date.now() / 1000 + 1e8);
  expect(await claimTrials(folder, pending, all)).toBeNull();
  expect((await stat(file)).mtimeMs).toBeLessThanOrEqual(Date.now());
  const quiet = (await stat(file)).mtimeMs / 1000 - 121;
  await utimes(file, quiet, quiet);
  expect((await claimTrials(folder, pending, all))!.ids).toEqual(pending);
});

describe('one process', () => {
  test('is offered the pending trials in order, and what it picks is no longer offered', async () => {
    const first = await claimTrials(folder, pending, (free) => free.slice(0, 2));
    expect(first!.ids).toEqual(pending.slice(0, 2));
    const second = await claimTrials(folder, pending, all);
    expect(second!.ids).toEqual(pending.slice(2));
    expect(await claimTrials(folder, pending, all)).toBeNull();
  });

  test('gives back trial by trial, and all at once', async () => {
    const claim = await claimTrials(folder, pending, all);
    await claim!.drop('trial-05');
    expect((await claimTrials(folder, pending, all))!.ids).toEqual(['trial-05']);
    await claim!.release();
    expect((await claimTrials(folder, pending, all))!.ids).toHaveLength(pending.length - 1);
  });

  test('claims nothing when it picks nothing, or when picking fails', async () => {
    expect(await claimTrials(folder, pending, () => [])).toBeNull();
    const failing = claimTrials(folder, pending, () => {
      throw new Error('no memory');
    });
    await expect(failing).rejects.toThrow('no memory');
    expect(await liveClaims(folder)).toEqual([]);
    expect((await claimTrials(folder, pending, all))!.ids).toEqual(pending);
  });

  test('is told when its claim was taken from it, and does not bring it back', async () => {
    const claim = await claimTrials(folder, pending, all);
    await utimes(claimFile(await claimNames()), 0, 0);
    expect(await claim!.heartbeat()).toBe(true);
    await rm(claimFile(await claimNames()));
    await claim!.drop('trial-00');
    expect(await claim!.heartbeat()).toBe(false);
    expect(await claimNames()).toEqual([]);
  });

  test('learns why it cannot claim', async () => {
    await writeFile(join(folder, '.claims'), 'a file in the way');
    await expect(claimTrials(folder, pending, all)).rejects.toThrow(UserError);
  });

  test('shows its claim to others', async () => {
    await claimTrials(folder, pending, (free) => free.slice(0, 1));
    const own = { host: hostname(), pid: process.pid, ids: ['trial-00'], quietSeconds: 0 };
    expect(await liveClaims(folder)).toEqual([own]);
    expect(await liveClaims(join(folder, 'no such folder'))).toEqual([]);
  });
});

describe('several processes', () => {
  test('train every trial exactly once', async () => {
    await appendFile(join(folder, 'log'), '');
    const runners = [1, 2, 3, 4].map(() => runner(trainAll));
    await Promise.all(runners);
    expect((await trained()).filter((id) => id !== '')).toEqual(pending);
    expect(await claimNames()).toEqual([]);
  });

  test('train every trial exactly once although a killed runner has left its lock', async () => {
    await appendFile(join(folder, 'log'), '');
    await mkdir(join(folder, '.claims', 'lock'), { recursive: true });
    await utimes(join(folder, '.claims', 'lock'), 0, 0);
    const runners = [1, 2, 3, 4].map(() => runner(trainAll));
    await Promise.all(runners);
    expect((await trained()).filter((id) => id !== '')).toEqual(pending);
  });

  test('take over at once from one that was killed with SIGKILL', async () => {
    const child = runner(`
      const claim = await claimTrials(folder, pending, (free) => free);
      console.log(claim.ids.length);
      await sleep(600_000);
    `);
    expect(await firstOutput(child)).toBe(String(pending.length));
    expect(await claimTrials(folder, pending, all)).toBeNull();
    child.kill('SIGKILL');
    await child;
    expect((await claimTrials(folder, pending, all))!.ids).toEqual(pending);
    expect(await claimNames()).toHaveLength(1);
  });

  test('finish everything although runners are killed at random moments, in the middle of claiming too', async () => {
    await appendFile(join(folder, 'log'), '');
    for (let round = 0; round < 6; round += 1) {
      const child = runner(`console.log('started'); ${trainAll}`);
      await firstOutput(child);
      await sleep(60 * Math.random());
      child.kill('SIGKILL');
      await child;
    }
    await runner(trainAll);
    // A record that was stored just before its runner died is not trained again.
    expect((await trained()).filter((id) => id !== '')).toEqual(pending);
  });
});

describe('a claim found on disk', () => {
  test.each([
    ['of another machine is alive while its heart beats', { host: 'elsewhere' }, 60, 1],
    ['of another machine is dead after two minutes of silence', { host: 'elsewhere' }, 130, 0],
    ['of a process id that now belongs to another process is dead', { start: '1' }, 0, 0],
    ['of a process that is gone is dead, however fresh', { pid: 2 ** 22 + 1 }, 0, 0],
  ])('%s', async (_name, change, secondsOld, alive) => {
    // A claim of this process, as if made by another.
    await claimTrials(folder, pending, (free) => free.slice(0, 1));
    const file = claimFile(await claimNames());
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
    const beatAt = (await stat(file)).mtimeMs / 1000 - secondsOld;
    await utimes(file, beatAt, beatAt);
    expect(await liveClaims(folder)).toHaveLength(alive);
    expect((await claimTrials(folder, pending, all))!.ids).toHaveLength(pending.length - alive);
    expect(await claimNames()).toHaveLength(1 + alive);
  });

  test('that is no claim at all holds nobody up', async () => {
    await mkdir(join(folder, '.claims'));
    await writeFile(join(folder, '.claims', 'notes.json'), '{"pid": "me"');
    expect((await claimTrials(folder, pending, all))!.ids).toEqual(pending);
  });
});

async function claimNames(): Promise<string[]> {
  return (await readdir(join(folder, '.claims'))).filter((name) => name.endsWith('.json'));
}

function claimFile([name]: string[]): string {
  return join(folder, '.claims', name!);
}
