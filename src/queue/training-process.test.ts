import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TINY, useSandbox } from '../cli/real-command.test-helper.js';
import { testDatabase } from './redis.test-helper.js';
import { preloading, TestWorker } from './worker.test-helper.js';

// Where there is none, the queue's own tests say so.
const database = await testDatabase();
const address = database?.address ?? '';

const { folder, gnoise, outcomes, write } = useSandbox();

const SWEEP = ['tiny.yaml', '--backend', 'wasm', '--population', '1'];
const LONG = ['--profile', 'long', '--seed', '0', '--arm', 'no-noise', '--checkpoint-every', '1'];
const queued = (results: string, ...args: string[]) => [
  ...['run', ...SWEEP, '--queue', address, '--results', results, ...args],
];

/** In the process itself, as it starts: a line of `log` for each. */
function logging(log: string, alsoInTheFirst = ''): string {
  const file = JSON.stringify(join(folder, log));
  return `
    if (process.argv[1]?.endsWith('worker.js')) {
      const { appendFileSync, existsSync } = await import('node:fs');
      const isFirst = !existsSync(${file});
      appendFileSync(${file}, process.pid + '\\n');
      if (isFirst) { ${alsoInTheFirst} }
    }`;
}

/** The first of them comes to this `end` in training, once there is a file `when`. (Stacks hold this code whole, too.) */
const faulty = (log: string, end: string, when = folder) =>
  logging(
    log,
    `const { now } = performance;
    performance.now = () => {
      if (new Error().stack.includes('trainer/' + 'train.js') && existsSync(${JSON.stringify(when)})) ${end};
      return now.call(performance);
    };`,
  );

/** How many processes have trained. */
const started = (log: string) => readFileSync(join(folder, log), 'utf8').trim().split('\n').length;

const work = (code: string) => new TestWorker(folder, address, [], preloading(code));

describe.runIf(database)('the process in which a worker trains', { timeout: 180_000 }, () => {
  let redis: Redis;

  beforeAll(async () => {
    redis = new Redis(address, { maxRetriesPerRequest: null });
    await gnoise(['run', ...SWEEP, '--results', 'calm']);
  }, 120_000);
  beforeEach(() => redis.flushdb());
  afterEach(() => TestWorker.endAll());
  afterAll(async () => {
    redis.disconnect();
    await database?.dispose();
  });

  it('trains one population after another, as an undisturbed run does, and ends with the worker', async () => {
    const worker = work(logging('several.log'));
    expect((await gnoise(queued('several'))).code).toBe(0);
    expect(worker.err.split('population of 1 started')).toHaveLength(5);
    expect(started('several.log')).toBe(1);
    expect(outcomes('several')).toEqual(outcomes('calm'));
    const [trainer] = worker.trainers;
    expect(isAlive(trainer!)).toBe(true);
    await TestWorker.endAll();
    expect(isAlive(trainer!)).toBe(false);
  });

  it('trains on other data, and another experiment, as an undisturbed run does', async () => {
    const smoke = 'profiles: { smoke: { train: { epochs: 3 } } }\n';
    const small = TINY.replace(/profiles:[\s\S]*/, smoke);
    write('small.yaml', small);
    write('other.yaml', small.replace('trainExamples: 300', 'trainExamples: 200'));
    const configs = ['small.yaml', 'other.yaml', join(process.cwd(), 'configs/kth-element.yaml')];
    const args = ['run', ...configs, '--profile', 'smoke', '--backend', 'wasm'];
    await gnoise([...args, '--results', 'calm-mixed']);
    const worker = work(logging('mixed.log'));
    expect((await gnoise([...args, '--queue', address, '--results', 'mixed'])).code).toBe(0);
    expect(started('mixed.log')).toBe(1);
    for (const name of ['small', 'other', 'kth-element']) {
      expect(worker.err).toContain(`${name} (smoke): took`);
      expect(outcomes('mixed', 'smoke', name)).toEqual(outcomes('calm-mixed', 'smoke', name));
    }
  });

  it.each([
    ['dies', 'process.exit(9)'],
    ['has a fault', "throw new Error('a fault')"],
  ])('is replaced by a fresh one when it %s, and its population is trained again', async (what, end) => {
    const name = what.replaceAll(' ', '-');
    work(faulty(`${name}.log`, end));
    expect((await gnoise(queued(name))).code).toBe(0);
    expect(started(`${name}.log`)).toBe(2);
    expect(outcomes(name)).toEqual(outcomes('calm'));
  });

  it('does not go on from a checkpoint after a fault, which that may have brought about', async () => {
    const running = gnoise(queued('anew', ...LONG));
    const poison = join(folder, 'poison');
    const worker = work(faulty('anew.log', "throw new Error('a fault')", poison));
    await expect.poll(() => redis.keys('gnoise:checkpoint:*'), { timeout: 60_000 }).toHaveLength(1);
    write('poison', '');
    await worker.says('population of 1 started', 2);
    expect((await running).code).toBe(0);
    expect(worker.err).not.toContain('resumed');
    expect(started('anew.log')).toBe(2);
  });

  it('ends when it has been without work for a minute, and another takes its place', async () => {
    const hurry = `
      const wait = setTimeout;
      globalThis.setTimeout = (act, ms, ...rest) => wait(act, ms === 60_000 ? 500 : ms, ...rest);`;
    const worker = work(logging('idle.log') + hurry);
    expect((await gnoise(queued('idle', '--seed', '0'))).code).toBe(0);
    await expect.poll(() => worker.trainers, { timeout: 30_000 }).toEqual([]);
    expect((await gnoise(queued('idle', '--seed', '1'))).code).toBe(0);
    expect(outcomes('idle')).toEqual(outcomes('calm'));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
