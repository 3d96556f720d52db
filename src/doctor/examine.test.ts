import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { examine, isWell, type Patient } from './examine.js';

/** The doctor's findings by name, in an empty cache folder and without data, unless told otherwise. */
async function findings(patient: Partial<Patient> = {}) {
  const cache = await mkdtemp(join(tmpdir(), 'gnoise-'));
  const checks = await examine({
    dataFolders: [],
    tryWasm: async () => {},
    nodeVersion: 'v22.1.0',
    environment: { ...process.env, GNOISE_CACHE: cache },
    ...patient,
  });
  return { well: isWell(checks), of: new Map(checks.map((check) => [check.name, check])) };
}

describe('the doctor', () => {
  it('finds a machine well that lacks only what is optional', async () => {
    const { well, of } = await findings();
    expect(well).toBe(true);
    expect(of.get('Node')).toMatchObject({ status: 'ok', text: expect.stringMatching(/^v22\.1\.0 on /) });
    expect(of.get('backend wasm')).toEqual({
      name: 'backend wasm',
      status: 'ok',
      text: 'computes, with SIMD',
    });
    expect(of.get('cache')).toMatchObject({ status: 'ok', text: expect.stringMatching(/ GB free$/) });
    expect([...of.keys()]).toEqual([
      'Node',
      'machine',
      'backend wasm',
      'kernels',
      'backend cpu',
      'backend tensorflow',
      'GPU',
      'cache',
      'data mnist',
      'data babi',
    ]);
  });

  it('lets the WebAssembly backend compute', async () => {
    const { of } = await findings({ tryWasm: undefined as never });
    expect(of.get('backend wasm')).toMatchObject({ status: 'ok' });
  });

  it.each(['v20.19.0', 'v22.1.0', 'v24.1.0'])('is content with Node %s', async (nodeVersion) => {
    const { well, of } = await findings({ nodeVersion });
    expect(well).toBe(true);
    expect(of.get('Node')).toMatchObject({ status: 'ok' });
  });

  it.each(['v18.20.0', 'v23.0.0', 'v25.1.0'])(
    'refuses Node %s and says which to use',
    async (nodeVersion) => {
      const { well, of } = await findings({ nodeVersion });
      expect(well).toBe(false);
      expect(of.get('Node')).toMatchObject({
        status: 'not ok',
        text: expect.stringContaining(nodeVersion),
        repair: expect.stringContaining('use Node 20, 22 or 24'),
      });
    },
  );

  it('repeats why WebAssembly does not compute', async () => {
    const tryWasm = () => Promise.reject(new Error('the file is gone'));
    const { well, of } = await findings({ tryWasm });
    expect(well).toBe(false);
    expect(of.get('backend wasm')).toMatchObject({
      status: 'not ok',
      text: 'does not compute: the file is gone',
      repair: expect.stringContaining('npm ci'),
    });
  });

  it('says how to move the cache when it cannot be written', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'gnoise-')), 'file');
    await writeFile(file, '');
    const { well, of } = await findings({ environment: { ...process.env, GNOISE_CACHE: file } });
    expect(well).toBe(false);
    expect(of.get('cache')).toMatchObject({
      status: 'not ok',
      text: expect.stringContaining('cannot be written'),
      repair: expect.stringContaining('GNOISE_CACHE'),
    });
  });

  it('says how to get data that is not there, which is optional', async () => {
    const { well, of } = await findings();
    expect(well).toBe(true);
    expect(of.get('data mnist')).toEqual({
      name: 'data mnist',
      status: 'optional',
      text: 'not found; generated data can stand in for it',
      repair: 'gnoise data fetch mnist',
    });
  });
});
