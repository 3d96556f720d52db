import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TrialRecord } from '../results/record.js';

const BIN = join(process.cwd(), 'bin/gnoise.js');

/** A folder whose name has what shells and URLs trip over. */
const folder = mkdtempSync(join(tmpdir(), 'gnoise ünïcode % '));

const CONFIG = `
experiment: mnist20
data: { source: synthetic-digits, trainExamples: 300, testExamples: 100 }
model: { layers: 3, units: 16, init: he }
train: { batchSize: 10, epochs: 6, rate: 0.05 }
success: { metric: testAccuracy, above: 0.2 }
arms:
  no-noise: {}
  with-noise: { train: { noise: { eta: 0.01 } } }
seeds: 0-1
profiles:
  long: { train: { epochs: 600 } }
`;

beforeAll(() => {
  execFileSync('npm', ['run', 'build'], { stdio: 'ignore' });
  writeFileSync(join(folder, 'tiny.yaml'), CONFIG);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the real command in the folder; `inTraining` is called once the first population has started. */
function gnoise(
  args: string[],
  inTraining?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { ...process.env, GNOISE_DATA: '' },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    const started = err.includes('population of');
    err += chunk;
    if (!started && err.includes('population of')) inTraining?.((signal) => child.kill(signal));
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

const run = (results: string, ...args: string[]) =>
  gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--results', results, ...args]);

/** What the trials of a results folder came to, without where and when. */
function outcomes(results: string, profile = 'paper'): Map<string, Omit<TrialRecord, 'provenance'>> {
  const trials = join(folder, results, 'tiny', profile, 'trials');
  return new Map(
    readdirSync(trials)
      .filter((name) => name.endsWith('.json'))
      .map((name) => {
        const { provenance: _, ...rest } = JSON.parse(
          readFileSync(join(trials, name), 'utf8'),
        ) as TrialRecord;
        return [name, rest];
      }),
  );
}

describe('gnoise run', () => {
  it('trains every trial, then nothing twice, and prints a summary on standard output', async () => {
    const first = await run('once');
    expect(first.err).toContain('population of');
    expect(first.out).toMatch(/^4 trials: \d succeeded, \d missed, 0 diverged, 0 failed\n$/);
    expect(first.code).toBe(0);
    const stored = outcomes('once');
    expect(stored.size).toBe(4);
    const second = await run('once');
    expect(second.err).toContain('4 trials, 4 done');
    expect(second.err).not.toContain('population of');
    expect(outcomes('once')).toEqual(stored);
  });

  it('comes to the same in several processes, and in shards', async () => {
    await run('jobs', '--jobs', '2', '--population', '1');
    expect(outcomes('jobs')).toEqual(outcomes('once'));
    for (const shard of ['1/3', '2/3', '3/3']) await run('shards', '--shard', shard, '--quiet');
    expect(outcomes('shards')).toEqual(outcomes('once'));
  });

  it('shares a results folder with another runner without training anything twice', async () => {
    const ends = await Promise.all([run('shared', '--population', '1'), run('shared', '--population', '1')]);
    expect(
      ends.map(({ err }) => err.match(/: (succeeded|missed)/g)?.length ?? 0).reduce((a, b) => a + b),
    ).toBe(4);
    expect(outcomes('shared')).toEqual(outcomes('once'));
  });

  it('says which trials there are and what is done of them, and trains nothing, with --dry-run', async () => {
    const { out, code } = await run('once', '--dry-run', '--seeds', '0-2', '--jobs', '1');
    expect(out).toMatch(/6 trials, 4 done, 2 to do in 1 populations \(wasm, 1 at once\)/);
    expect(code).toBe(0);
    expect(outcomes('once').size).toBe(4);
  });

  it('repairs what is truncated or foreign among the results, and keeps it aside', async () => {
    await run('broken', '--seed', '0');
    const trials = join(folder, 'broken', 'tiny', 'paper', 'trials');
    const [name] = readdirSync(trials);
    writeFileSync(join(trials, name!), '{"format": 1, "id": "');
    writeFileSync(join(trials, 'notes.json'), '"mine"');
    const { code } = await run('broken');
    expect(code).toBe(0);
    const repaired = outcomes('broken');
    repaired.delete('notes.json');
    expect(repaired).toEqual(outcomes('once'));
    expect(readdirSync(trials)).toContain(`${name}.broken-1`);
  });

  it('retrains only what a changed config changes', async () => {
    await run('edited');
    writeFileSync(join(folder, 'tiny.yaml'), CONFIG.replace('eta: 0.01', 'eta: 0.02'));
    const { err } = await run('edited', '--dry-run');
    const { out } = await run('edited', '--dry-run');
    writeFileSync(join(folder, 'tiny.yaml'), CONFIG);
    expect(out + err).toContain('4 trials, 2 done, 2 to do');
  });
});

describe('a run that is stopped', () => {
  const long = ['run', 'tiny.yaml', '--backend', 'wasm', '--profile', 'long', '--checkpoint-every', '1'];

  it('ends as if it had not been, killed at ten moments before and after the first checkpoints', async () => {
    await gnoise([...long, '--results', 'whole']);
    let finished = 0;
    for (let kill = 0; kill < 10; kill++) {
      const jobs = kill % 2 === 0 ? '1' : '2';
      const moment = 250 * (10 - kill);
      const { code } = await gnoise([...long, '--results', 'killed', '--jobs', jobs], (signal) => {
        void sleep(moment).then(() => signal('SIGKILL'));
      });
      if (code === 0) finished += 1;
    }
    const { code, out } = await gnoise([...long, '--results', 'killed']);
    // The first kill, after 2.5 seconds, must hit a run that is under way.
    expect(finished).toBeLessThan(10);
    expect(code).toBe(0);
    expect(out).toContain('4 trials');
    expect(outcomes('killed', 'long')).toEqual(outcomes('whole', 'long'));
    expect(readdirSync(join(folder, 'killed', 'tiny', 'long', 'checkpoints'))).toEqual([]);
  }, 240_000);

  it('stores a checkpoint on Ctrl-C, exits with 130, and resumes', async () => {
    const args = [...long, '--results', 'stopped', '--checkpoint-every', '1000'];
    const stopped = await gnoise(args, (signal) => void sleep(500).then(() => signal('SIGINT')));
    expect(stopped.code).toBe(130);
    expect(stopped.out).toContain('Run the same command again to go on');
    const resumed = await gnoise(args);
    expect(resumed.err).toContain('resumed at step');
    expect(outcomes('stopped', 'long')).toEqual(outcomes('whole', 'long'));
  }, 120_000);
});

describe('gnoise table', () => {
  it('writes CSV files from stored trials, which --check then confirms, or denies when a trial is missing', async () => {
    const table = await gnoise(['table', 'tiny.yaml', '--results', 'once']);
    expect(table.code).toBe(0);
    expect(table.out).toContain('with-noise');
    const files = readdirSync(join(folder, 'once', 'tiny', 'paper')).filter((name) => name.endsWith('.csv'));
    expect(files).toContain('trials.csv');
    expect((await gnoise(['table', 'tiny.yaml', '--results', 'once', '--check'])).code).toBe(0);
    const trials = join(folder, 'once', 'tiny', 'paper', 'trials');
    rmSync(join(trials, readdirSync(trials)[0]!));
    const check = await gnoise(['table', 'tiny.yaml', '--results', 'once', '--check']);
    expect(check.code).toBe(1);
    expect(check.err).toContain('trials.csv');
  });
});

describe('gnoise data list', () => {
  it('looks in the cache folder that GNOISE_CACHE names', async () => {
    vi.stubEnv('GNOISE_CACHE', join(folder, 'cache'));
    const { out, code } = await gnoise(['data', 'list']);
    vi.unstubAllEnvs();
    expect(out).toContain(`Looked in:\n  ${join(folder, 'cache')}\n`);
    expect(code).toBe(0);
  });
});

describe('mistakes', () => {
  it.each([
    [['run', 'absent.yaml'], 'absent.yaml'],
    [['run', 'tiny.yaml', '--profile', 'lnog'], 'long'],
    [['run', 'tiny.yaml', '--set', 'train.ratte=1'], 'train.rate'],
    [['run', 'tiny.yaml', '--arm', 'with-nose'], 'with-noise'],
    [['run', 'tiny.yaml', '--shard', '9/8'], 'shard'],
    [['run', 'tiny.yaml', '--jobs', 'many'], 'whole number'],
    [['run', 'tiny.yaml', '--backend', 'wasm', '--device', 'gpu'], '--backend tensorflow'],
    [['runn'], 'Did you mean run?'],
    [['table'], 'config'],
  ])('%j is answered with what is wrong, without a stack trace, and exit code 2', async (args, hint) => {
    const { code, out, err } = await gnoise(args);
    expect(out).toBe('');
    expect(err).toContain(hint);
    expect(err).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  it('are all named at once, each with its place', async () => {
    writeFileSync(
      join(folder, 'wrong.yaml'),
      CONFIG.replace('rate: 0.05', 'ratte: 0.05').replace('init: he', 'init: hee'),
    );
    const { code, err } = await gnoise(['run', 'wrong.yaml']);
    expect(code).toBe(2);
    expect(err).toContain('wrong.yaml:4:');
    expect(err).toContain('wrong.yaml:5:');
    expect(err).toContain('Did you mean');
    expect(err).toContain('nothing was run');
  });
});
