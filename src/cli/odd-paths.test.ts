import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, TINY, useSandbox } from './real-command.test-helper.js';

const { folder, gnoise, write } = useSandbox();
const results = join(folder, 'results');
afterEach(() => rmSync(results, { recursive: true, force: true }));

const put: Record<string, (path: string) => void> = {
  'a file': (path) => writeFileSync(path, 'mine'),
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a link to itself': (path) => symlinkSync(basename(path), path),
};

function expectRefusal({ code, out, err }: Ended, path: string): void {
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(path);
  expect(err).not.toMatch(/^ +at /m);
}

describe('something else in the place of a folder', () => {
  const cases = [
    ['a pipe', 'results', 'status'],
    ['a link to itself', 'results/tiny', 'table'],
    ['a file', 'results/tiny/paper/trials', 'table'],
    ['a pipe', 'results/tiny/paper/trials', 'run'],
    ['a link to itself', 'results/tiny/paper/trials', 'run'],
    ['a file', 'results/tiny/paper/checkpoints', 'run'],
    ['a pipe', 'results/tiny/paper/.claims', 'status'],
    ['a pipe', 'results/tiny/paper/.claims/now', 'run'],
  ] as const;

  it.each(cases)('%s as %s: gnoise %s names it and ends with 2', async (kind, place, command) => {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    put[kind]!(join(folder, place));
    const args = command === 'run' ? ['--backend', 'wasm', '--quiet', '--jobs', '1'] : [];
    expectRefusal(await gnoise([command, 'tiny.yaml', ...args]), place);
  });

  it('pipes among claims and checkpoints are passed over', async () => {
    for (const place of ['.claims/x.json', 'checkpoints/a.checkpoint']) {
      const path = join(results, 'tiny', 'paper', place);
      mkdirSync(dirname(path), { recursive: true });
      put['a pipe']!(path);
    }
    expect((await gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--quiet', '--jobs', '1'])).code).toBe(0);
  });

  it('a path that is too long is named, and an empty one refused', async () => {
    const long = 'x'.repeat(300);
    expectRefusal(await gnoise(['status', 'tiny.yaml', '--results', long]), 'the path is too long');
  });

  it.each([
    [['status', 'tiny.yaml', '--results', ' ']],
    [['run', 'tiny.yaml', '--data', ' ']],
    [['plot', 'tiny.yaml', '--out', '']],
    [['report', 'tiny.yaml', '--out', '']],
    [['export', 'tiny.yaml', '--csv', ' ']],
    [['export', 'tiny.yaml', '--parquet', '']],
    [['export', 'tiny.yaml', '--tensorboard', '']],
    [['data', 'generate', 'babi', '--out', '']],
  ])('a blank one is refused, and nothing written into the current folder: %j', async (args) => {
    const before = readdirSync(folder);
    expectRefusal(await gnoise(args), args.find((each) => each.startsWith('--'))!);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('a blank config or folder to merge is refused', async () => {
    expectRefusal(await gnoise(['run', '']), 'its name is blank');
    expectRefusal(await gnoise(['merge', ' ']), 'blank name');
  });
});

describe('gnoise run where the data are not', () => {
  beforeAll(() => {
    write(
      'mnist.yaml',
      'experiment: mnist20\ndata: { source: mnist, fallback: none }\nmodel: { layers: 3, units: 16, init: he }\n' +
        'train: { batchSize: 10, epochs: 1, rate: 0.05 }\n' +
        'success: { metric: testAccuracy, above: 0.2 }\narms: { no-noise: {} }\nseeds: 0\n',
    );
  });

  it('says so in a dry run, and estimates nothing', async () => {
    const args = ['--backend', 'wasm', '--data', join(folder, 'nowhere'), '--jobs', '1'];
    const { code, out, err } = await gnoise(['run', 'mnist.yaml', '--dry-run', ...args], undefined, {
      GNOISE_CACHE: join(folder, 'cache'),
    });
    expect(err).not.toMatch(/^ +at /m);
    expect(out).toContain('the data of 1 populations are not here, so nothing is estimated');
    expect(code).toBe(0);
  });

  it('trains what stands in, and status counts of it what run counts', async () => {
    write('stand-in.yaml', TINY.replace('synthetic-digits', 'mnist, fallback: synthetic-digits'));
    const nowhere = { GNOISE_CACHE: join(folder, 'empty cache') };
    const run = ['run', 'stand-in.yaml', '--backend', 'wasm', '--offline', '--results', 'counted'];
    await gnoise([...run, '--seed', '0'], undefined, nowhere);
    const again = await gnoise([...run, '--dry-run'], undefined, nowhere);
    expect(again.out).toMatch(/4 trials, 2 done, 2 to do/);
    const { out } = await gnoise(['status', 'stand-in.yaml', '--results', 'counted'], undefined, nowhere);
    expect(out).toMatch(/^stand-in, paper +4 +0 +0 +0 /m);
    expect(out).toMatch(/^stand-in, paper \(synthetic-digits\) +4 +2 +\d /m);
  });

  it('ends with 2 when asked to train offline, and records no failed trial', async () => {
    const args = [
      '--offline',
      '--backend',
      'wasm',
      '--data',
      join(folder, 'nowhere'),
      '--results',
      'offline',
    ];
    const end = await gnoise(['run', 'mnist.yaml', ...args], undefined, {
      GNOISE_CACHE: join(folder, 'cache'),
    });
    expectRefusal(end, 'cannot be had here');
    expect(existsSync(join(folder, 'offline'))).toBe(false);
  });

  it('names what lies there damaged, and lets nothing stand in for it', async () => {
    const file = join(folder, 'data', 'train-images-idx3-ubyte');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    const of = ['configs', 'mnist20.yaml'].join('/');
    const end = await gnoise(
      ['run', join(process.cwd(), of), '--offline', '--data', dirname(file), '--profile', 'smoke'],
      undefined,
      { GNOISE_CACHE: join(folder, 'cache') },
    );
    expectRefusal(end, `${file}: it is empty`);
  });
});

it('control codes in the names and titles of files do not reach the terminal', async () => {
  const name = 'e\u001b[2Jvil.yaml';
  write(name, `description: "\\e]0;owned\\a\\x9b31m"\n${TINY}`);
  const trials = ['--backend', 'wasm', '--seed', '0', '--arm', 'no-noise', '--jobs', '1'];
  const ends = [await gnoise(['run', name, ...trials])];
  for (const command of ['table', 'status', 'plot', 'config']) ends.push(await gnoise([command, name]));
  for (const { code, out, err } of ends) {
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }
  expect(ends[0]!.err).toContain('e\\u{1b}[2Jvil');
});
