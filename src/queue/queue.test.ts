import { readFileSync, writeSync } from 'node:fs';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useSandbox } from '../cli/real-command.test-helper.js';
import { hashJson } from '../json.js';
import { jobId } from './job.js';
import { hasRedisServer, type OwnServer, ownServer, testDatabase } from './redis.test-helper.js';
import { preloading, TestWorker } from './worker.test-helper.js';

const database = await testDatabase();
if (!database)
  writeSync(2, 'skipped, the queue: there is no Redis at GNOISE_TEST_REDIS or here, and no redis-server\n');
if (!hasRedisServer) writeSync(2, 'skipped, a Redis that is restarted: there is no redis-server on PATH\n');

const { folder, gnoise, outcomes } = useSandbox();

/** Long enough to be disturbed, with a checkpoint every second. */
const LONG = [
  '--profile',
  'long',
  '--set',
  'train.epochs=400',
  '--population',
  '2',
  '--checkpoint-every',
  '1',
];

const address = database?.address ?? '';
const run = (results: string, ...args: string[]) => [
  ...['run', 'tiny.yaml', '--backend', 'wasm', '--queue', address, '--results', results, ...args],
];

let redis: Redis;
let queue: Queue;

beforeAll(async () => {
  if (!database && !hasRedisServer) return;
  for (const [results, args] of [
    ['calm', []],
    ['calm-long', LONG],
  ] as const)
    await gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--results', results, ...args]);
}, 120_000);

describe.runIf(database)('a queue', { timeout: 180_000 }, () => {
  beforeAll(() => {
    redis = new Redis(address, { maxRetriesPerRequest: null });
    queue = new Queue('populations', { connection: redis, prefix: 'gnoise' });
  });
  beforeEach(() => redis.flushdb());
  afterEach(() => TestWorker.endAll());
  afterAll(async () => {
    await queue.close();
    redis.disconnect();
    await database?.dispose();
  });

  const calmLong = () => outcomes('calm-long', 'long');

  it('has its workers train what one run trains', async () => {
    for (let machine = 0; machine < 2; machine++) new TestWorker(folder, address);
    await expect.poll(() => redis.keys('gnoise:worker:*'), { timeout: 30_000 }).toHaveLength(2);
    const { code, out, err } = await gnoise(run('two-workers', '--population', '1'));
    expect(code).toBe(0);
    expect(out).toContain('4 trials: 4 succeeded');
    expect(err).toContain('with-noise, seed 1: succeeded');
    expect(outcomes('two-workers')).toEqual(outcomes('calm'));
    expect(await queue.getJobCounts('waiting', 'active', 'failed', 'completed')).toEqual({
      ...{ waiting: 0, active: 0, failed: 0, completed: 0 },
    });
  });

  it('takes a job whose hash looks like a whole number', async () => {
    let n = 0;
    while (!/^[1-8]\d{15}$/.test(hashJson([String(n)]))) n += 1;
    const id = jobId([{ id: String(n) }]);
    await queue.add('', {}, { jobId: id });
    expect((await queue.getJob(id))?.id).toBe(id);
  });

  it('goes on from the last checkpoint when a machine is lost, however often', async () => {
    const running = gnoise(run('lost', ...LONG, '--seed', '0'));
    for (let machine = 0; machine < 2; machine++) {
      const worker = new TestWorker(folder, address);
      await worker.says('population of 2 started');
      await expect.poll(() => redis.keys('gnoise:checkpoint:*'), { timeout: 60_000 }).toHaveLength(1);
      await worker.vanish();
    }
    const last = new TestWorker(folder, address);
    await last.says(/resumed at step \d/);
    expect((await running).code).toBe(0);
    const seed0 = [...calmLong()].filter(([, { description }]) => description.seed === 0);
    expect(outcomes('lost', 'long')).toEqual(new Map(seed0));
  });

  it('gets a job back with its checkpoint from a worker that is told to stop, and that counts as no attempt', async () => {
    const running = gnoise(run('stopped', ...LONG, '--seed', '0'));
    const first = new TestWorker(folder, address);
    await first.says('population of 2 started');
    first.child.kill('SIGTERM');
    const { code, signal } = await first.ended;
    expect(code === 130 || code === 143 || signal === 'SIGTERM').toBe(true);
    const [job] = await queue.getJobs(['waiting']);
    expect(job).toMatchObject({ attemptsMade: 0 });
    const second = new TestWorker(folder, address, ['--until-empty']);
    await second.says(/resumed at step \d/);
    expect((await running).code).toBe(0);
    expect((await second.ended).code).toBe(0);
    expect(outcomes('stopped', 'long').size).toBe(2);
  });

  it('keeps results for a runner that is away', async () => {
    const away = await gnoise(run('away'), {
      text: '4 trials, 0 done',
      act: (runner) => runner.kill('SIGKILL'),
    });
    expect(away.code).toBe(null);
    // It may have been killed before it had added all; another one adds what is missing.
    const again = gnoise(run('away'), {
      text: '4 trials',
      act: (runner) => setTimeout(() => runner.kill('SIGINT'), 1500),
    });
    await again;
    const worker = new TestWorker(folder, address, ['--until-empty']);
    expect((await worker.ended).code).toBe(0);
    const { code } = await gnoise(run('away'));
    expect(code).toBe(0);
    expect(outcomes('away')).toEqual(outcomes('calm'));
  });

  it('serves two runners at once, and trains nothing twice', async () => {
    const worker = new TestWorker(folder, address);
    const runs = await Promise.all([
      gnoise(run('here', '--population', '1')),
      gnoise(run('there', '--population', '1')),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(outcomes('here')).toEqual(outcomes('calm'));
    expect(outcomes('there')).toEqual(outcomes('calm'));
    expect(worker.err.split('population of 1 started').length - 1).toBe(4);
  });

  it('trains on after it lost everything it had', async () => {
    const running = gnoise(run('flushed', ...LONG, '--seed', '0'), {
      text: 'population of 2 started',
      act: () => void redis.flushdb(),
    });
    new TestWorker(folder, address);
    expect((await running).code).toBe(0);
    expect(outcomes('flushed', 'long').size).toBe(2);
  });

  it('takes nothing from a worker that was halted until another one had its job', async () => {
    const running = gnoise(run('halted', ...LONG, '--seed', '0'));
    const halted = new TestWorker(folder, address);
    await halted.says('population of 2 started');
    const pids = [halted.child.pid!, ...halted.trainers];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const other = new TestWorker(folder, address);
    await other.says('population of 2 started');
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    expect((await running).code).toBe(0);
    const seed0 = [...calmLong()].filter(([, { description }]) => description.seed === 0);
    expect(outcomes('halted', 'long')).toEqual(new Map(seed0));
    expect((await queue.getFailed()).length).toBe(0);
  });

  it('parks a population that fails three times, says why, and has it sent again on request', async () => {
    // A worker whose trainings die at once.
    const dying = "if (process.argv[1]?.endsWith('worker.js')) process.exit(9)";
    const sick = new TestWorker(folder, address, [], preloading(dying));
    const { code, err } = await gnoise(run('parked', '--seed', '0'));
    expect(code).toBe(1);
    expect(err).toMatch(/failed 3 times and is parked.*ended with code 9/);
    await TestWorker.endAll();
    await sick.ended;
    const status = await gnoise(['status', '--queue', address]);
    expect(status.out).toMatch(/1 parked; 0 workers\n.*2 trials are parked.*code 9/s);
    const unchanged = await gnoise(run('parked', '--seed', '0'));
    expect(unchanged.code).toBe(1);
    new TestWorker(folder, address);
    expect((await gnoise(run('parked', '--seed', '0', '--retry-failed'))).code).toBe(0);
    expect(outcomes('parked').size).toBe(2);
  });

  describe('whose jobs this machine cannot do', () => {
    const planOne = async () => {
      await gnoise(run('refused', '--seed', '0'), {
        text: '2 trials',
        act: (runner) => setTimeout(() => runner.kill('SIGINT'), 1500),
      });
      const [job] = await queue.getJobs(['waiting']);
      return job!;
    };

    it.each([
      [
        'of another version',
        { gnoise: '0.0.0' },
        /comes from gnoise 0\.0\.0, and this is \d.*use one version/,
      ],
      ['those on other data', { dataChecksum: 'abc' }, /its data has the checksum abc/],
      ['no trials', { trials: [{ code: 'process.exit()' }] }, /cannot be carried out/],
      ['nothing at all', null, /cannot be carried out/],
    ])('stay in it, when they are %s, and the worker says why', async (_, change, message) => {
      const job = await planOne();
      await job.updateData(change && { ...job.data, ...change });
      const worker = new TestWorker(folder, address);
      expect((await worker.ended).code).toBe(2);
      expect(worker.err).toMatch(message);
      expect(worker.err).not.toMatch(/^\s+at /m);
      const [kept] = await queue.getJobs(['waiting', 'delayed']);
      expect(kept).toMatchObject({ id: job.id, attemptsMade: 0 });
    });
  });

  it('ignores a result that is none, and trains the trial', async () => {
    const [name] = outcomes('calm').keys();
    await redis.set(`gnoise:record:${name!.replace('.json', '')}`, '{"format":1}');
    new TestWorker(folder, address);
    const { code, err } = await gnoise(run('forged'));
    expect(code).toBe(0);
    expect(err).toMatch(/queue's result of trial \w+ is not used: not a trial record/);
    expect(outcomes('forged')).toEqual(outcomes('calm'));
  });
});

describe.runIf(hasRedisServer)('a Redis that goes away', { timeout: 180_000 }, () => {
  const restart = (server: OwnServer) =>
    void server.kill().then(() => setTimeout(() => void server.start(), 2000));

  it.each([
    ['is killed and started again', restart],
    ['answers nobody for some seconds', (server: OwnServer) => void server.pause(4000)],
  ])('has lost nothing when it %s', async (what, disturb) => {
    const results = what.replaceAll(' ', '-');
    const server = await ownServer();
    try {
      await server.start();
      new TestWorker(folder, server.address);
      const own = ['run', 'tiny.yaml', '--backend', 'wasm', '--queue', server.address, '--results', results];
      const { code } = await gnoise([...own, ...LONG, '--seed', '0'], {
        text: 'population of 2 started',
        act: () => disturb(server),
      });
      expect(code).toBe(0);
      await TestWorker.endAll();
      const seed0 = [...outcomes('calm-long', 'long')].filter(
        ([, { description }]) => description.seed === 0,
      );
      expect(outcomes(results, 'long')).toEqual(new Map(seed0));
    } finally {
      await TestWorker.endAll();
      await server.dispose();
    }
  });
});

describe('an address', () => {
  const secret = 'hunter2';

  it.each([
    [
      'that nobody listens at',
      `redis://user:${secret}@127.0.0.1:1`,
      /Redis at 127\.0\.0\.1:1 cannot be used: nothing listens there/,
    ],
    ['of another kind', `http://user:${secret}@host`, /must be redis:\/\/host:6379/],
    ['that is none', `${secret} @ host`, /must be redis:\/\/host:6379/],
  ])('%s is refused without its password', async (_, address, message) => {
    for (const args of [
      ['run', 'tiny.yaml', '--queue', address],
      ['work', address],
      ['status', '--queue', address],
    ]) {
      const { code, out, err } = await gnoise(args);
      expect(code).toBe(2);
      expect(err).toMatch(message);
      expect(out + err).not.toContain(secret);
    }
  });

  it('is asked for where there is none', async () => {
    const { code, err } = await gnoise(['work']);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('GNOISE_QUEUE') });
  });

  it.runIf(database && process.platform === 'linux')('is not shown by process lists', async () => {
    const own = new TestWorker(folder, database!.address.replace('redis://', `redis://default:${secret}@`));
    const title = () => readFileSync(`/proc/${own.child.pid}/cmdline`, 'utf8');
    await expect.poll(title, { timeout: 30_000 }).toMatch(/^gnoise work/);
    expect(title()).not.toContain(secret);
    await TestWorker.endAll();
  });
});
