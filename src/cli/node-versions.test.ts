import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { TESTED_NODES } from '../doctor/examine.js';
import { useSandbox } from './real-command.test-helper.js';

const BIN = join(process.cwd(), 'bin/gnoise.js');
const { folder, gnoise, outcomes } = useSandbox();
const exec = promisify(execFile);

/** The program of a version of Node, from npm's cache or the registry; undefined where it cannot be had soon. */
async function findNode(major: number): Promise<string | undefined> {
  const args = ['--yes', '--prefer-offline', '--package', `node@${major}`, 'node', '-p', 'process.execPath'];
  const found = exec('npx', args, { cwd: tmpdir(), timeout: 20_000 });
  return found.then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

const others = TESTED_NODES.filter((major) => !process.version.startsWith(`v${major}.`));
const nodes = await Promise.all(others.map(async (major) => ({ major, node: await findNode(major) })));

beforeAll(() => gnoise(['run', 'tiny.yaml', '--quiet', '--backend', 'wasm', '--results', 'here']));

for (const { major, node } of nodes)
  it.skipIf(node === undefined)(`Node ${major} trains, with the numbers of this one`, async () => {
    const env = { ...process.env, GNOISE_DATA: '' };
    const on = (...args: string[]) => exec(node!, [BIN, ...args], { cwd: folder, env });
    expect((await exec(node!, ['-v'])).stdout).toMatch(new RegExp(`^v${major}\\.`));
    const { stderr } = await on(
      ...['run', 'tiny.yaml', '--quiet', '--backend', 'wasm', '--results', `on-${major}`],
    );
    expect(stderr).toBe('');
    expect(outcomes(`on-${major}`)).toEqual(outcomes('here'));
    expect(outcomes('here').size).toBe(4);
    expect((await on('doctor')).stdout).toMatch(new RegExp(`^ok +Node: v${major}\\.`));
  });

it('package.json and the tests agree on the versions of Node', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  expect(engines.node).toBe('>=20.19');
  expect(Math.min(...TESTED_NODES)).toBe(20);
});
