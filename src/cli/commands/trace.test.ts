import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { useSandbox } from '../real-command.test-helper.js';

const { gnoise } = useSandbox();

const trace = (config: string, ...args: string[]) =>
  gnoise(['trace', resolve(`configs/${config}.yaml`), '--profile', 'smoke', '--backend', 'wasm', ...args]);

it('trains the trial that is meant again, and shows step by step what its network does', async () => {
  const { code, out, err } = await trace('kth-element', '--arm', 'with-noise');
  expect(code).toBe(0);
  expect(err).toContain('Training seed 0 of setting-1, with-noise, again ...');
  expect(out).toMatch(/^Every choice replaced by the most probable one:\n\n\| step /);
});

it.each([
  [
    'kth-element',
    [],
    '2 trials of .*kth-element.yaml are meant; name one, e.g. the first with --arm no-noise\\.',
  ],
  ['mnist20', ['--set', 'data.source=synthetic-digits'], 'Experiment mnist20 has nothing to trace.'],
])('%s %j is answered with what is missing, and exit code 2', async (config, args, message) => {
  const { code, out, err } = await trace(config, ...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(new RegExp(message));
});
