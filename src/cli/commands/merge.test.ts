import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useSandbox } from '../real-command.test-helper.js';

const { folder, gnoise, outcomes, write } = useSandbox();
const shard = (k: number) => [
  'run',
  'tiny.yaml',
  '--backend',
  'wasm',
  '--shard',
  `${k}/2`,
  '--results',
  `part-${k}`,
];

test('what shards trained in folders of their own is, merged, what one run trains', async () => {
  await gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--results', 'whole']);
  for (const k of [1, 2]) expect((await gnoise(shard(k))).code).toBe(0);
  const { code, out } = await gnoise(['merge', 'part-1', 'part-2', '--results', 'merged']);
  expect({ code, out }).toEqual({ code: 0, out: '4 trials added, 0 were there already\n' });
  expect(outcomes('merged')).toEqual(outcomes('whole'));
  const { code: again } = await gnoise(['run', 'tiny.yaml', '--backend', 'wasm', '--results', 'merged']);
  expect(again).toBe(0);
});

test('a damaged file and a misspelt folder are named, with exit codes 1 and 2', async () => {
  const [name] = outcomes('part-1').keys();
  write(join('part-1', 'tiny', 'paper', 'trials', name!), 'torn');
  rmSync(join(folder, 'merged'), { recursive: true });
  const { code, out, err } = await gnoise(['merge', 'part-1', '--results', 'merged', '--json']);
  expect(code).toBe(1);
  expect(err).toContain(`${name} is left out: not valid JSON`);
  expect(JSON.parse(out)).toMatchObject({ added: 1, problems: [{ file: expect.stringContaining(name!) }] });
  const misspelt = await gnoise(['merge', 'part-one', '--results', 'merged']);
  expect(misspelt.code).toBe(2);
  expect(misspelt.err).toMatch(/^part-one is no folder\./m);
});
