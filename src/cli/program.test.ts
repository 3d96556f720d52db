import { readFileSync } from 'node:fs';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { buildProgram } from './program.js';
import { TINY, useSandbox } from './real-command.test-helper.js';
import { capture } from './streams.test-helper.js';

const { gnoise, write } = useSandbox();

const VERSION = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;

describe('mistakes', () => {
  it.each([
    [['run', 'absent.yaml'], 'absent.yaml'],
    [['run', 'mnist2'], 'did you mean mnist20?'],
    [['table', 'mnist2'], 'did you mean mnist20?'],
    [['status', 'babbi'], 'did you mean babi?'],
    [['trace', 'shedules'], 'did you mean schedules?'],
    [['config', 'tabel-qa'], 'did you mean table-qa?'],
    [['run', 'tiny.yaml', '--profile', 'lnog'], 'long'],
    [['run', 'tiny.yaml', '--set', 'train.ratte=1'], 'train.rate'],
    [['run', 'tiny.yaml', '--arm', 'with-nose'], 'with-noise'],
    [['run', 'tiny.yaml', '--shard', '9/8'], 'shard'],
    [['run', 'tiny.yaml', '--jobs', 'many'], 'whole number'],
    [['run', 'tiny.yaml', '--jobs', '1000000000'], 'processes would need'],
    [['run', 'tiny.yaml', '--population', '1000000000'], 'No config has more than 100000 trials'],
    [['run', 'tiny.yaml', '--threads', '1000000000'], 'At most 1024 threads'],
    [['trace', 'tiny.yaml', '--threads', '1000000000'], 'At most 1024 threads'],
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
    write('wrong.yaml', TINY.replace('rate: 0.05', 'ratte: 0.05').replace('init: he', 'init: hee'));
    const { code, err } = await gnoise(['run', 'wrong.yaml']);
    expect(code).toBe(2);
    expect(err).toContain('wrong.yaml:4:');
    expect(err).toContain('wrong.yaml:5:');
    expect(err).toContain('Did you mean');
    expect(err).toContain('nothing was run');
  });
});

/** Every command that does something, by the words that call it, with its options. */
function commands(of: CommandUnknownOpts, words: readonly string[] = []): [string[], CommandUnknownOpts][] {
  if (of.commands.length === 0) return [[[...words], of]];
  return of.commands.flatMap((command) => commands(command, [...words, command.name()]));
}

describe('an option', () => {
  const options = commands(buildProgram(capture(), () => {})).flatMap(([words, { options }]) =>
    options.map((option) => [words, option] as const),
  );

  // Without its value, or beside one that does not exist, every option is complained of by the command that it belongs to.
  it('reaches the command after which it is written, whatever options the program has itself', async () => {
    expect(options.length).toBeGreaterThan(50);
    const answers = options.map(([words, option]) => async () => {
      const flag = option.long!;
      const { code, out, err } = await gnoise([...words, flag, ...(option.required ? [] : ['--no-such'])]);
      const complaint = option.required ? `'${option.flags}' argument missing` : "unknown option '--no-such'";
      return { call: [...words, flag].join(' '), code, out, complains: err.includes(complaint) };
    });
    const limit = pLimit(2);
    for (const answer of await Promise.all(answers.map((ask) => limit(ask))))
      expect(answer).toEqual({ call: answer.call, code: 2, out: '', complains: true });
  });

  it.each(['--version', '-V'])(
    '%s prints the version of gnoise when it comes before any command',
    async (flag) => {
      expect(await gnoise([flag])).toMatchObject({ code: 0, out: `${VERSION}\n`, err: '' });
    },
  );

  it('--version after backend install is that of TensorFlow', async () => {
    const { code, out, err } = await gnoise(['backend', 'install', '--version', '2']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('--version takes a TensorFlow version');
  });

  it.each(['--version', '-V'])('%s is unknown after a command that has none', async (flag) => {
    for (const words of [['run'], ['backend'], ['backend', 'list'], ['data']]) {
      const { code, out, err } = await gnoise([...words, flag]);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(`unknown option '${flag}'`);
    }
  });

  it('--seed and --seeds are told apart when they are wrong', async () => {
    for (const flag of ['--seed', '--seeds']) {
      const { code, err } = await gnoise(['run', 'tiny.yaml', flag, '-1']);
      expect(code).toBe(2);
      expect(err).toMatch(new RegExp(`^${flag} -1  seeds: `));
    }
  });
});
