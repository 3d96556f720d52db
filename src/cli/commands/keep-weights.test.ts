import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ResultStore } from '../../results/store.js';
import { WeightStore } from '../../results/weights.js';
import { inTraining, useSandbox } from '../real-command.test-helper.js';

const { folder, gnoise, outcomes } = useSandbox();

const run = (results: string, ...args: string[]) =>
  gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--results', results, ...args]);

/** Kept weights of `tiny` by file name. */
function weights(results: string, profile = 'paper'): Map<string, string> {
  const kept = join(folder, results, 'tiny', profile, 'weights');
  return new Map(readdirSync(kept).map((name) => [name, readFileSync(join(kept, name)).toString('base64')]));
}

const idsOf = (names: Iterable<string>) => [...names].map((name) => name.split('.')[0]).sort();

describe('gnoise run --keep-weights', () => {
  it('keeps the weights of every trial, of several processes too, and changes no record', async () => {
    await run('plain');
    const { code, out } = await run('kept', '--keep-weights', '--jobs', '2', '--population', '1');
    expect(code).toBe(0);
    expect(out).not.toContain('weights');
    expect(outcomes('kept')).toEqual(outcomes('plain'));
    expect(idsOf(weights('kept').keys())).toEqual(idsOf(outcomes('kept').keys()));
  });

  it('says which trials were trained without it, trains none of them twice, and names the way to have theirs', async () => {
    const { code, out, err } = await run('plain', '--keep-weights', '--seeds', '0-2');
    expect(code).toBe(0);
    expect(err).toContain('6 trials, 4 done');
    expect(out).toContain(
      'The weights of 4 trials are not kept: they had been trained without --keep-weights',
    );
    expect(out).toContain('`gnoise trace --keep-weights` trains one of them again');
    expect(weights('plain').size).toBe(2);
    // The last line of JSON is the summary.
    const summary = async (...args: string[]) =>
      JSON.parse((await run('plain', '--json', ...args)).out.trimEnd().split('\n').at(-1)!);
    expect(await summary('--keep-weights')).toMatchObject({ trials: 4, withoutWeights: 4 });
    expect(await summary()).toMatchObject({ withoutWeights: null });
  });

  it('keeps the same weights where the training was interrupted', async () => {
    const long = ['--profile', 'long', '--set', 'train.epochs=60', '--keep-weights'];
    await run('whole', ...long);
    const stopped = await gnoise(
      ['run', 'tiny.yaml', '--backend', 'wasm', '--results', 'stopped', ...long],
      inTraining((child) => child.kill('SIGINT')),
    );
    expect(stopped.code).toBe(130);
    // The weights that are asked for belong to the run that ends the training, whatever began it.
    expect((await run('stopped', ...long)).code).toBe(0);
    expect(weights('stopped', 'long')).toEqual(weights('whole', 'long'));
  }, 60_000);

  it('is what gnoise trace shows the network of, also after a merge of folders', async () => {
    await gnoise(['merge', 'kept', '--results', 'merged']);
    const { code, err } = await gnoise([
      ...['trace', 'tiny.yaml', '--backend', 'wasm', '--results', 'merged'],
      ...['--arm', 'with-noise', '--seed', '1', '--json'],
    ]);
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^Weights from merged\S+\n$/) });
    expect(weights('merged')).toEqual(weights('kept'));
  });

  it('shows of a network what its record says of it', async () => {
    const { out } = await gnoise([
      ...['trace', 'tiny.yaml', '--backend', 'wasm', '--results', 'kept'],
      ...['--arm', 'no-noise', '--seed', '0', '--json'],
    ]);
    const { id, testAccuracy } = JSON.parse(out);
    expect(testAccuracy).toBeCloseTo(outcomes('kept').get(`${id}.json`)!.metrics.testAccuracy!, 9);
  });

  it('shows nothing of weights that are not those of the network, though the file be whole', async () => {
    const [record] = outcomes('merged').values();
    const trial = record!;
    const store = new WeightStore(new ResultStore(join(folder, 'merged')));
    await store.write(trial, { tensors: [], state: null }, '1.0.0');
    const { code, out, err } = await gnoise([
      ...['trace', 'tiny.yaml', '--backend', 'wasm', '--results', 'merged'],
      ...['--arm', trial.arm, '--seed', String(trial.description.seed)],
    ]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`${trial.id}.safetensors cannot be used: it has no tensor layer0/weights [784,16]`);
  });

  it('is refused with --queue, with what to do instead', async () => {
    const { code, err } = await run('queue', '--queue', 'redis://127.0.0.1:1', '--keep-weights');
    expect(code).toBe(2);
    expect(err).toContain('--keep-weights is not for --queue');
    expect(err).toContain('gnoise merge');
  });

  it('stores no result without its weights where these cannot be written', async () => {
    rmSync(join(folder, 'kept'), { recursive: true });
    await run('full', '--keep-weights', '--seed', '7');
    rmSync(join(folder, 'full', 'tiny', 'paper', 'weights'), { recursive: true });
    rmSync(join(folder, 'full', 'tiny', 'paper', 'trials'), { recursive: true });
    writeFileSync(join(folder, 'full', 'tiny', 'paper', 'weights'), 'a file in the way');
    const { code, err } = await run('full', '--keep-weights', '--seed', '7');
    expect(code).toBe(2);
    expect(err).toMatch(/weights\S* cannot be (read|written): a (part of this path is a file|file stands)/);
    expect(() => outcomes('full')).toThrow('ENOENT');
  });
});
