import { expect, it } from 'vitest';
import type { Check } from '../../doctor/check.js';
import { main } from '../main.js';
import { capture } from '../streams.test-helper.js';
import { checksText } from './doctor.js';

it('marks what is not ok, indents what takes several lines, and says how to repair it', () => {
  expect(
    checksText([
      { name: 'Node', status: 'ok', text: 'v22' },
      { name: 'a', status: 'optional', text: 'one\ntwo' },
      { name: 'data mnist', status: 'not ok', text: 'absent', repair: 'gnoise data fetch mnist' },
    ]),
  ).toBe(
    'ok        Node: v22\n' +
      'optional  a: one\n          two\n' +
      'NOT OK    data mnist: absent\n          repair: gnoise data fetch mnist\n',
  );
});

it('gives the same as JSON', async () => {
  const streams = capture();
  const code = await main(['doctor', '--json'], streams);
  const { ok, checks } = JSON.parse(streams.text.out) as { ok: boolean; checks: Check[] };
  expect(code).toBe(ok ? 0 : 1);
  expect(checks.find(({ name }) => name === 'backend wasm')).toMatchObject({ status: 'ok' });
});
