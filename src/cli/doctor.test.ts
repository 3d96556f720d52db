import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Check, type DoctorOptions, describeChecks, doctor } from './doctor.js';

/** Runs the doctor in an empty cache folder, unless told otherwise. */
async function run(options: Partial<DoctorOptions> = {}) {
  const cache = await mkdtemp(join(tmpdir(), 'gnoise-'));
  const out = new PassThrough();
  const well = await doctor(
    {
      data: async () => [],
      tryWasm: async () => {},
      nodeVersion: 'v22.1.0',
      environment: { ...process.env, GNOISE_CACHE: cache },
      ...options,
    },
    { out },
  );
  out.end();
  return { well, printed: await text(out) };
}

const checksOf = (printed: string) => (JSON.parse(printed) as { ok: boolean; checks: Check[] }).checks;

describe('the doctor', () => {
  it('finds a machine well that lacks only what is optional', async () => {
    const { well, printed } = await run();
    expect(well).toBe(true);
    expect(printed).toMatch(/^ok {8}Node: v22\.1\.0 on /);
    expect(printed).toMatch(/ok {8}backend wasm: computes, with SIMD/);
    expect(printed).toMatch(/ok {8}cache: .* GB free/);
  });

  it('gives the same as data', async () => {
    const { printed } = await run({ json: true });
    const names = checksOf(printed).map(({ name }) => name);
    expect(names).toEqual([
      'Node',
      'machine',
      'backend wasm',
      'backend cpu',
      'backend tensorflow',
      'GPU',
      'cache',
    ]);
  });

  it.each(['v18.20.0', 'v23.0.0', 'v24.1.0'])(
    'refuses Node %s and says which to use',
    async (nodeVersion) => {
      const { well, printed } = await run({ nodeVersion });
      expect(well).toBe(false);
      expect(printed).toMatch(/NOT OK {4}Node: v\d+.*\n +repair: use Node 20 or 22/);
    },
  );

  it('repeats why WebAssembly does not compute', async () => {
    const tryWasm = () => Promise.reject(new Error('the file is gone'));
    const { well, printed } = await run({ tryWasm });
    expect(well).toBe(false);
    expect(printed).toMatch(/backend wasm: does not compute: the file is gone\n +repair: npm ci/);
  });

  it('says how to move the cache when it cannot be written', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'gnoise-')), 'file');
    await writeFile(file, '');
    const { well, printed } = await run({ environment: { ...process.env, GNOISE_CACHE: file } });
    expect(well).toBe(false);
    expect(printed).toMatch(/cache: .*cannot be written.*\n +repair: .*GNOISE_CACHE/);
  });

  it('adds what it is told about data', async () => {
    const mnist: Check = {
      name: 'data mnist',
      status: 'not ok',
      text: 'absent',
      repair: 'gnoise data fetch mnist',
    };
    const { well, printed } = await run({ data: async () => [mnist] });
    expect(well).toBe(false);
    expect(printed).toContain('NOT OK    data mnist: absent\n          repair: gnoise data fetch mnist\n');
  });

  it('indents what takes several lines', () => {
    expect(describeChecks([{ name: 'a', status: 'optional', text: 'one\ntwo' }])).toBe(
      'optional  a: one\n          two\n',
    );
  });
});
