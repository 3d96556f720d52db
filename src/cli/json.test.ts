import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { writeEvent, writeJson } from './json.js';
import { buildProgram } from './program.js';
import { useSandbox } from './real-command.test-helper.js';
import { capture } from './streams.test-helper.js';

const { gnoise } = useSandbox();

/** Commands that write files and print where, and the one that prints JSON in any case. */
const without = ['gnoise plot', 'gnoise report', 'gnoise export', 'gnoise schema', 'gnoise trace'];

test('every command that prints data has --json', () => {
  const lacking: string[] = [];
  const visit = (command: CommandUnknownOpts, path: string) => {
    for (const inner of command.commands) visit(inner, `${path} ${inner.name()}`);
    const has = command.options.some(({ long }) => long === '--json');
    if (command.commands.length === 0 && !has) lacking.push(path);
  };
  visit(buildProgram(capture(), () => {}) as unknown as CommandUnknownOpts, 'gnoise');
  expect(lacking.filter((path) => !without.includes(path))).toEqual([]);
});

test('JSON holds nothing that a terminal obeys, and means the same', () => {
  const value = { text: 'a\u001b[2J\u009b31m\u202e\u2028\u{e0001}b', none: Number.NaN };
  const { out, text } = capture();
  writeJson(out, value);
  writeEvent(out, 'notice', value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
  expect(text.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\p{Cf}\p{Zl}]/u);
  const [event] = text.out.trim().split('\n').slice(-1);
  for (const written of [text.out.slice(0, text.out.indexOf('\n}') + 2), event!])
    expect(JSON.parse(written)).toMatchObject({ text: value.text, none: null });
});

test('a run tells what happens as lines of JSON, the last of which is the summary', async () => {
  const args = ['tiny.yaml', '--backend', 'wasm', '--results', 'told', '--jobs', '1'];
  const planned = JSON.parse((await gnoise(['run', ...args, '--dry-run', '--json'])).out);
  expect(planned).toMatchObject([{ config: 'tiny', profile: 'paper', pending: 4, backend: 'wasm' }]);
  expect(planned[0].trials[0]).toMatchObject({ outcome: null, arm: 'no-noise', seed: 0 });
  const { out, err } = await gnoise(['run', ...args, '--json']);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
  expect(events[0]).toMatchObject({ event: 'config', config: 'tiny', profile: 'paper', trials: 4, done: 0 });
  expect(events[1]).toMatchObject({ event: 'population', process: 0, replicas: 4, resumedAt: 0 });
  const progress = events.filter(({ event }) => event === 'progress');
  expect(progress.at(-1)).toMatchObject({ process: 0, step: 180, steps: 180 });
  const trials = events.filter(({ event }) => event === 'trial');
  expect(new Set(trials.map(({ id }) => id))).toEqual(new Set(planned[0].trials.map(({ id }: never) => id)));
  expect(trials[0]).toMatchObject({ config: 'tiny', setting: 'default', seed: expect.any(Number) });
  expect(events.at(-1)).toMatchObject({ event: 'summary', trials: 4, unfinished: 0, interrupted: false });
  expect(err).toContain('population of 4 started');
  for (const [command, shape] of [
    ['table', [{ tables: [{ rows: [{ arm: 'no-noise', stored: 2 }, { arm: 'with-noise' }] }] }]],
    ['status', [{ config: 'tiny', planned: 4, done: 4 }]],
  ] as const) {
    const shown = await gnoise([command, 'tiny.yaml', '--results', 'told', '--json']);
    expect(JSON.parse(shown.out)).toMatchObject(shape);
  }
  const checked = await gnoise(['table', 'tiny.yaml', '--results', 'told', '--check', '--json']);
  expect(JSON.parse(checked.out)).toMatchObject([{ differences: [] }]);
  const config = await gnoise(['config', 'tiny.yaml', '--json']);
  expect(JSON.parse(config.out)).toMatchObject({ experiment: 'mnist20', trials: 4 });
}, 120_000);
