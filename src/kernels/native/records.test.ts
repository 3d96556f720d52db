import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instructionSets } from './addon.js';

/** One of each experiment; the data sets that they want are replaced where they are not there. */
const CONFIGS = ['mnist20', 'babi-generated', 'kth-element', 'neural-gpu', 'table-qa'];

const folder = mkdtempSync(join(tmpdir(), 'gnoise-'));
const sets = instructionSets();

beforeAll(() => void execFileSync('npm', ['run', 'build'], { stdio: 'ignore' }), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the trials of a config's smoke profile come to, without where and when. */
async function records(config: string, kernels: string): Promise<object[]> {
  const results = join(folder, `${config}-${kernels}`);
  const args = [
    'run',
    `configs/${config}.yaml`,
    '--profile',
    'smoke',
    '--results',
    results,
    '--quiet',
    '--offline',
  ];
  await promisify(execFile)(
    process.execPath,
    ['bin/gnoise.js', ...args, '--backend', 'wasm', '--jobs', '1'],
    {
      env: { ...process.env, GNOISE_KERNELS: kernels },
    },
  );
  const trials = join(results, config, 'smoke', 'trials');
  const files = readdirSync(trials).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const { provenance: _, ...rest } = JSON.parse(readFileSync(join(trials, file), 'utf8'));
    return rest;
  });
}

it.skipIf(sets.length === 0).each(CONFIGS)(
  'the trials of %s come to the same with native kernels as with those in wasm',
  async (config) => {
    const native = await records(config, sets[0]!);
    expect(native.length).toBeGreaterThan(0);
    expect(native).toEqual(await records(config, 'wasm'));
  },
);
