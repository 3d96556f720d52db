import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useSandbox } from '../real-command.test-helper.js';

const { folder, gnoise } = useSandbox();

const trace = (config: string, ...args: string[]) =>
  gnoise(['trace', resolve(`configs/${config}.yaml`), '--profile', 'smoke', '--backend', 'wasm', ...args]);

describe('gnoise trace', () => {
  // Trained once, and kept: the second time shows the same without training.
  it.each([
    [
      'mnist20',
      [
        '--setting',
        'simple-clip-10',
        '--arm',
        'no-noise',
        '--set',
        'data.source=synthetic-digits',
        '--set',
        'train.rate=0.1',
      ],
      /^\d+\.\d% of 200 test images are right/,
    ],
    [
      'babi',
      ['--setting', 'one-stage', '--arm', 'no-noise', '--set', 'data.source=generated'],
      /^task 1: where is \w+\n\n\| statement /,
    ],
    ['multiplication', ['--arm', 'with-noise'], /^input {5}[01*]{5}\nexpected {2}[01_]{5}\noutput /],
    ['neural-gpu', ['--setting', 'copy'], /^input {5}[01]{4}\nexpected /],
    ['kth-element', ['--arm', 'with-noise'], /^Every choice replaced by the most probable one:\n\n\| step /],
    [
      'table-qa',
      ['--setting', 'single-column', '--arm', 'no-noise', '--set', 'train.delta=10'],
      /^question: .*\ntable: /,
    ],
  ])(
    'shows what a network of %s does, and does not train again where the weights are kept',
    async (config, meant, start) => {
      const first = await trace(config, ...meant, '--keep-weights');
      expect(first.err).toMatch(/Training seed 0 of .*, again \.\.\./);
      expect(first.out).toMatch(start);
      const second = await trace(config, ...meant);
      const file = join('results', config, 'smoke', 'weights', String(kept(config)[0]));
      expect(second).toMatchObject({
        code: 0,
        out: first.out,
        err: expect.stringContaining(`Weights from ${file}\n`),
      });
      expect(second.err).not.toContain('Training');
      const { out } = await trace(config, ...meant, '--json', '--examples', '2', '--example', '1');
      const value = JSON.parse(out);
      expect(value).toMatchObject({ config, profile: 'smoke', seed: 0, weights: file });
      expect(value.examples.map(({ example }: { example: number }) => example)).toEqual([1, 2]);
    },
    60_000,
  );

  it('trains where weights are not kept, and keeps none unless it is asked to', async () => {
    const { code, err, out } = await trace('kth-element', '--arm', 'no-noise', '--json');
    expect(code).toBe(0);
    expect(err).toContain('Training seed 0 of setting-1, no-noise, again ...');
    expect(JSON.parse(out)).toMatchObject({ arm: 'no-noise', weights: null });
    expect(kept('kth-element')).toHaveLength(1);
  });

  it('asks for one trial where several are meant, with exit code 2', async () => {
    const { code, out, err } = await trace('kth-element');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      /2 trials of .*kth-element.yaml are meant; name one, e.g. the first with --arm no-noise\./,
    );
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 5000), /cut off|damaged/],
    [
      'another byte',
      (bytes: Buffer) => bytes.fill(0x42, bytes.length - 8, bytes.length - 4),
      'its checksum is wrong',
    ],
    ['text', () => Buffer.from('weights, I promise'), 'not a safetensors file'],
  ])(
    'names weights that are damaged (%s), says what to do, and shows no stack',
    async (_, damage, reason) => {
      const [name] = kept('kth-element') as [string];
      const file = join('results', 'kth-element', 'smoke', 'weights', name);
      const whole = readFileSync(join(folder, file));
      writeFileSync(join(folder, file), damage(Buffer.from(whole)));
      const { code, out, err } = await trace('kth-element', '--arm', 'with-noise');
      writeFileSync(join(folder, file), whole);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(`The weights in ${file} cannot be used: `);
      expect(err).toMatch(reason);
      expect(err).toContain('move this one away: then the trial is trained again.');
      expect(err).not.toMatch(/\n\s+at /);
    },
  );

  it("names another trial's weights under this one's name", async () => {
    const weights = join(folder, 'results', 'table-qa', 'smoke', 'weights');
    const [name] = readdirSync(weights) as [string];
    renameSync(
      join(weights, name),
      join(folder, 'results', 'kth-element', 'smoke', 'weights', kept('kth-element')[0]!),
    );
    const { code, err } = await trace('kth-element', '--arm', 'with-noise');
    expect(code).toBe(2);
    expect(err).toContain(`it holds the weights of trial ${name.replace('.safetensors', '')}`);
  });
});

/** Files of weights of a config. */
function kept(config: string): string[] {
  return readdirSync(join(folder, 'results', config, 'smoke', 'weights'));
}
