import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inTraining, TINY, useSandbox } from '../real-command.test-helper.js';

const { folder, gnoise, outcomes, write } = useSandbox();

const run = (results: string, ...args: string[]) =>
  gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--results', results, ...args]);

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

  it('clears away what killed runners left, also where nothing is left to train', async () => {
    await run('swept');
    const place = join(folder, 'swept', 'tiny', 'paper');
    const left = [
      join('.claims', '7-ab.json'),
      join('.claims', '7-ab.json.7-cd.tmp'),
      join('trials', 'x.json.7-cd.tmp'),
    ];
    const claim = { host: 'elsewhere', machine: 'another', pid: 7, start: null, ids: ['x'] };
    for (const name of left) {
      writeFileSync(join(place, name), JSON.stringify(claim));
      utimesSync(join(place, name), 0, 0);
    }
    expect((await run('swept')).code).toBe(0);
    const names = readdirSync(place, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => left.includes(name))).toEqual([]);
    expect(outcomes('swept').size).toBe(4);
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
    write('tiny.yaml', TINY.replace('eta: 0.01', 'eta: 0.02'));
    const { out } = await run('edited', '--dry-run');
    write('tiny.yaml', TINY);
    expect(out).toContain('4 trials, 2 done, 2 to do');
  });
});

describe('a run that is stopped', () => {
  const long = ['run', 'tiny.yaml', '--backend', 'wasm', '--profile', 'long', '--checkpoint-every', '1'];

  it('ends as if it had not been, killed at ten moments before and after the first checkpoints', async () => {
    let begun = 0;
    await gnoise(
      [...long, '--results', 'whole', '--jobs', '1'],
      inTraining(() => {
        begun = performance.now();
      }),
    );
    const took = performance.now() - begun;
    let finished = 0;
    for (let kill = 0; kill < 10; kill++) {
      const jobs = kill % 2 === 0 ? '1' : '2';
      const moment = (took * (10 - kill)) / 14;
      const { code } = await gnoise(
        [...long, '--results', 'killed', '--jobs', jobs],
        inTraining((child) => void sleep(moment).then(() => child.kill('SIGKILL'))),
      );
      if (code === 0) finished += 1;
    }
    const { code, out } = await gnoise([...long, '--results', 'killed']);
    // The first kill, late in training, must hit a run that is under way.
    expect(finished).toBeLessThan(10);
    expect(code).toBe(0);
    expect(out).toContain('4 trials');
    expect(outcomes('killed', 'long')).toEqual(outcomes('whole', 'long'));
    expect(readdirSync(join(folder, 'killed', 'tiny', 'long', 'checkpoints'))).toEqual([]);
  }, 240_000);

  it('stores a checkpoint on Ctrl-C, exits with 130, and resumes', async () => {
    const args = [...long, '--results', 'stopped', '--checkpoint-every', '1000'];
    const stopped = await gnoise(
      args,
      inTraining((child) => void sleep(500).then(() => child.kill('SIGINT'))),
    );
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
