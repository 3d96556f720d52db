import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { workersOf } from '../runner/workers/processes.test-helper.js';
import { inTraining, useSandbox } from './real-command.test-helper.js';

const { folder, gnoise, outcomes } = useSandbox();
const BIN = join(process.cwd(), 'bin/gnoise.js');

const long = (results: string, ...args: string[]) => [
  ...['run', 'tiny.yaml', '--profile', 'long', '--backend', 'wasm', '--results', results],
  ...['--checkpoint-every', '1000', ...args],
];
const checkpoints = (results: string) =>
  readdirSync(join(folder, results, 'tiny', 'long', 'checkpoints')).filter((name) =>
    name.endsWith('.checkpoint'),
  );

describe('a request to end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGXCPU', 'SIGALRM'] as const)(
    'by %s leaves a checkpoint in every process, and its number in the exit code',
    async (signal) => {
      const stop = inTraining((child) => child.kill(signal), 2);
      const { code, err } = await gnoise(long(signal, '--jobs', '2', '--population', '2'), stop);
      expect(code).toBe(128 + constants.signals[signal]);
      expect(err).toContain('Stopping; a checkpoint is being stored. Ctrl-C once more stops at once.');
      expect(err).not.toMatch(/[Dd]ebugger/);
      expect(checkpoints(signal)).toHaveLength(2);
    },
  );

  it('that reaches the workers as well, as from a terminal or Slurm, leaves one in each', async () => {
    const stop = inTraining((child) => {
      for (const pid of [child.pid!, ...workersOf(child.pid!)]) process.kill(pid, 'SIGTERM');
    }, 2);
    const { code } = await gnoise(long('group', '--jobs', '2', '--population', '2'), stop);
    expect(code).toBe(143);
    expect(checkpoints('group')).toHaveLength(2);
  });

  it('that is repeated by a scheduler is one request', async () => {
    const stop = inTraining(async (child) => {
      for (let i = 0; i < 5; i++) {
        child.kill('SIGTERM');
        child.kill('SIGINT');
        await sleep(50);
      }
    });
    const { code } = await gnoise(long('repeated', '--jobs', '1'), stop);
    expect([130, 143]).toContain(code);
    expect(checkpoints('repeated')).toHaveLength(1);
  });

  it('is waited for, until Ctrl-C comes again after it was told so', async () => {
    let workers: number[] = [];
    const moments: { echo?: number | null; again?: number } = {};
    const halt = inTraining(async (child) => {
      workers = workersOf(child.pid!);
      // Workers that cannot store anything, so that there is something to wait for.
      for (const pid of workers) process.kill(pid, 'SIGSTOP');
      child.kill('SIGINT');
      await sleep(300);
      child.kill('SIGINT');
      await sleep(1500);
      moments.echo = child.exitCode;
      moments.again = performance.now();
      child.kill('SIGINT');
    }, 2);
    const { code } = await gnoise(long('impatient', '--jobs', '2', '--population', '2'), halt);
    expect(moments.echo).toBeNull();
    expect(performance.now() - moments.again!).toBeLessThan(10_000);
    expect(code).toBe(130);
    for (const pid of workers) process.kill(pid, 'SIGCONT');
    await expect.poll(() => checkpoints('impatient'), { timeout: 30_000 }).toHaveLength(2);
  });

  it('in the middle of what only a part of the trials were run for loses no state of the others', async () => {
    const first = await gnoise(
      long('parts', '--jobs', '1'),
      inTraining((child) => void child.kill('SIGTERM')),
    );
    expect(first.code).toBe(143);
    const alone = await gnoise(long('parts', '--jobs', '1', '--seed', '0', '--arm', 'no-noise'));
    expect({ code: alone.code, resumed: alone.err.includes('resumed at step') }).toEqual({
      code: 0,
      resumed: true,
    });
    expect(outcomes('parts', 'long').size).toBe(1);
    const rest = await gnoise(long('parts', '--jobs', '1'));
    expect(rest.err).toMatch(/population of 3 started, \d+ steps, resumed at step \d/);
    await gnoise(long('whole', '--jobs', '1'));
    expect(outcomes('parts', 'long')).toEqual(outcomes('whole', 'long'));
    expect(checkpoints('parts')).toEqual([]);
  });
});

/** Runs with standard output and standard error where they are said to go. */
function runWith(
  args: readonly string[],
  stdio: (number | 'pipe' | 'ignore')[],
  act: (child: ChildProcess) => void = () => {},
) {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['ignore', ...stdio] });
  act(child);
  let err = '';
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise<{ code: number | null; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, err })),
  );
}

const short = (results: string, ...args: string[]) => [
  ...[
    'run',
    'tiny.yaml',
    '--backend',
    'wasm',
    '--jobs',
    '1',
    '--population',
    '1',
    '--results',
    results,
    ...args,
  ],
];

describe('an output that nobody reads any more', () => {
  it('of progress does not stop the training', async () => {
    const { code } = await runWith(short('head'), ['ignore', 'pipe'], (child) =>
      child.stderr!.once('data', () => child.stderr!.destroy()),
    );
    expect(code).toBe(0);
    expect(outcomes('head').size).toBe(4);
  });

  it('of progress and results, as in `2>&1 | tee` and Ctrl-C, leaves a checkpoint and the exit code', async () => {
    const { code } = await runWith(long('tee', '--jobs', '1'), ['pipe', 'pipe'], (child) => {
      let seen = '';
      child.stderr!.on('data', (chunk) => {
        seen += chunk;
        if (!seen.includes('population of')) return;
        child.stderr!.destroy();
        child.stdout!.destroy();
        child.kill('SIGINT');
      });
    });
    expect(code).toBe(130);
    expect(checkpoints('tee')).toHaveLength(1);
  });

  it('of results hides no failure', async () => {
    const args = ['run', 'missing.yaml', '--json'];
    const { code } = await runWith(args, ['pipe', 'pipe'], (child) => child.stdout!.destroy());
    expect(code).toBe(2);
  });
});

describe.runIf(process.platform === 'linux')('a disk that is full', () => {
  const full = openSync('/dev/full', 'w');

  it('under the progress does not stop the training', async () => {
    const { code } = await runWith(short('full-log'), ['ignore', full]);
    expect(code).toBe(0);
    expect(outcomes('full-log').size).toBe(4);
  });

  it('under the results is told, with exit code 1', async () => {
    const { code, err } = await runWith(short('full-results', '--quiet'), [full, 'pipe']);
    expect(outcomes('full-results').size).toBe(4);
    expect(err).toMatch(/^The results could not be written to standard output: .*ENOSPC.*\.$/m);
    expect(err).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    closeSync(full);
  });
});

it.runIf(process.platform === 'linux')(
  'a limit on the size of files is an error in words, for it and its workers',
  async () => {
    for (const jobs of ['1', '2']) {
      const results = `small-files-${jobs}`;
      const args = [
        'run',
        'tiny.yaml',
        '--backend',
        'wasm',
        '--population',
        '2',
        '--jobs',
        jobs,
        '--results',
        results,
      ];
      // Bash counts in KiB; the record of a trial is larger than one.
      const shell = ['-c', 'ulimit -f 1; exec "$@"', 'bash', process.execPath, BIN, ...args];
      const child = spawn('bash', shell, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
      let err = '';
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect({ code, err }).toEqual({
        code: 2,
        err: expect.stringMatching(/cannot be written: .*\(EFBIG\)\. Raise the limit \(ulimit -f\)/),
      });
      expect(readdirSync(join(folder, results, 'tiny', 'paper', 'trials'))).toEqual([]);
    }
  },
);

it('trials in the hands of a living runner are left to it, with who that is and exit code 3', async () => {
  const claims = join(folder, 'elsewhere', 'tiny', 'paper', '.claims');
  mkdirSync(claims, { recursive: true });
  await gnoise(short('all'));
  const [first] = [...outcomes('all').values()];
  const claim = { host: 'ada', machine: 'another', pid: 4711, start: '1', ids: [first!.id] };
  writeFileSync(join(claims, 'x.json'), JSON.stringify(claim));
  const { code, out } = await gnoise(short('elsewhere'));
  expect(code).toBe(3);
  expect(out).toMatch(
    /1 not finished\n1 of them are being trained by process 4711 on ada, last heard of \d+ s ago\./,
  );
  expect(outcomes('elsewhere').size).toBe(3);
});
