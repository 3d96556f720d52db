import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inTraining, TINY, useSandbox } from '../../cli/real-command.test-helper.js';
import { workersOf } from './processes.test-helper.js';

const { folder, gnoise, outcomes, write } = useSandbox();

/** Two workers, a trial each at a time. */
const run = (results: string, ...args: string[]) => [
  ...['run', 'tiny.yaml', '--backend', 'wasm', '--jobs', '2', '--population', '1'],
  ...['--results', results, ...args],
];

const checkpoints = (results: string) =>
  readdirSync(join(folder, results, 'tiny', 'long', 'checkpoints')).filter((name) =>
    name.endsWith('.checkpoint'),
  );

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('workers', () => {
  it('train what was planned, whatever becomes of the config meanwhile', async () => {
    await gnoise(run('calm'));
    const edit = () =>
      write('tiny.yaml', TINY.replace('eta: 0.01', 'eta: 0.5').replace('epochs: 6', 'epochs: 1'));
    const { code } = await gnoise(run('edited'), { text: '4 trials, 0 done', act: edit });
    write('tiny.yaml', TINY);
    expect(code).toBe(0);
    expect(outcomes('edited')).toEqual(outcomes('calm'));
  });

  it('store a checkpoint each and end when their parent is killed', async () => {
    let workers: number[] = [];
    await gnoise(
      run('orphans', '--profile', 'long', '--checkpoint-every', '1000'),
      inTraining((parent) => {
        workers = workersOf(parent.pid!);
        parent.kill('SIGKILL');
      }, 2),
    );
    expect(workers).toHaveLength(2);
    await expect.poll(() => workers.some(isAlive), { timeout: 30_000 }).toBe(false);
    expect(checkpoints('orphans')).toHaveLength(2);
  });
});

describe('a worker that is killed', () => {
  it('is named with its signal at the end, when the others have trained what it held', async () => {
    const { code, err } = await gnoise(
      run('killed', '--set', 'train.epochs=60'),
      inTraining((parent) => process.kill(workersOf(parent.pid!)[0]!, 'SIGKILL'), 2),
    );
    expect(code).toBe(1);
    expect(err).toContain('A worker process was ended by SIGKILL.');
    expect(err).toContain('run the command again to go on');
    expect(outcomes('killed').size).toBe(4);
  });

  it('stores a checkpoint first and is named, where it is only asked to end', async () => {
    const { code, err } = await gnoise(
      run('asked', '--profile', 'long', '--checkpoint-every', '1000'),
      inTraining((parent) => process.kill(workersOf(parent.pid!)[0]!, 'SIGTERM'), 2),
    );
    expect(code).toBe(1);
    expect(err).toContain('A worker process was ended by SIGTERM.');
    // The other one has gone on from there.
    expect(err).toContain('resumed at step');
    expect(outcomes('asked', 'long').size).toBe(4);
  });
});

describe('an error in a worker', () => {
  it('ends the run with its message and exit code 2 when the data is damaged', async () => {
    mkdirSync(join(folder, 'damaged'));
    for (const name of ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1'])
      writeFileSync(join(folder, 'damaged', `${name}-ubyte.gz`), 'torn');
    write('damaged.yaml', TINY.replace('source: synthetic-digits', 'source: mnist'));
    const args = ['run', 'damaged.yaml', '--backend', 'wasm', '--jobs', '2', '--data', 'damaged'];
    const { code, err, seconds } = await gnoise(args);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^mnist in \S.* is damaged:\n(.*ubyte\.gz: it is not the published file: .*\n)+.*gnoise data fetch mnist/,
    );
    expect(err).not.toMatch(/^\s+at /m);
    expect(seconds).toBeLessThan(60);
  });

  it('ends the run with its message and exit code 2 when the results cannot be written', async () => {
    write('in-the-way', '');
    const { code, err, seconds } = await gnoise(run('in-the-way'));
    expect(code).toBe(2);
    expect(err).toMatch(/in-the-way\S* cannot be read: a part of this path is a file.*--results/);
    expect(err).not.toMatch(/^\s+at /m);
    expect(seconds).toBeLessThan(60);
  });

  it('makes the others store a checkpoint and end, so that a later run goes on from there', async () => {
    const arms = 'short: { train: { epochs: 150 } }\n  long: { train: { epochs: 600 } }';
    write('uneven.yaml', TINY.replace(/no-noise[\s\S]*/, `${arms}\nseeds: 0\n`));
    const args = ['run', 'uneven.yaml', '--backend', 'wasm', '--jobs', '2', '--population', '1'];
    const profile = join(folder, 'results', 'uneven', 'paper');
    // Found only by the worker that is the first to have a result.
    const block = inTraining(() => writeFileSync(join(profile, 'trials'), ''));
    const { code, err } = await gnoise([...args, '--checkpoint-every', '1000'], block);
    expect(code).toBe(2);
    expect(err).toMatch(/trials\S* cannot be read: a part of this path is a file.* --results/);
    expect(readdirSync(join(profile, '.claims')).filter((name) => name.endsWith('.json'))).toEqual([]);
    rmSync(join(profile, 'trials'));
    const again = await gnoise(args);
    expect(again.code).toBe(0);
    expect(again.err).toContain('resumed at step');
  });
});
