import { writeSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commonJsLoader } from './commonjs.js';
import { diagnoseTensorflow } from './diagnose.js';
import { writeFiles } from './fake-path.test-helper.js';
import { openTensorflow } from './load.js';

const diagnosis = await diagnoseTensorflow();
const withoutGpu = diagnosis.state === 'ready' && !diagnosis.devices.includes('GPU');
if (!withoutGpu) writeSync(2, 'skipped, refusing an absent GPU: there is a GPU, or no native TensorFlow\n');

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('opening native TensorFlow', () => {
  // The stock package may be there; then this machine cannot show the case.
  it('names the folder looked in, the command that repairs and the way to go on without', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'gnoise-'));
    vi.stubEnv('GNOISE_CACHE', empty);
    if ((await diagnoseTensorflow()).state === 'ready') return;
    await expect(openTensorflow()).rejects.toThrow(/repair: .*gnoise backend install[\s\S]*--backend wasm/);
  });

  it.runIf(withoutGpu)(
    'refuses --device gpu where no GPU is visible, rather than computing on the CPU',
    async () => {
      await expect(openTensorflow({ device: 'gpu' })).rejects.toThrow(/--device gpu: TensorFlow sees no GPU/);
    },
  );

  it.runIf(withoutGpu)('can be opened otherwise after it was refused', async () => {
    expect(await openTensorflow({ device: 'cpu' })).toMatchObject({ device: 'cpu' });
  });
});

describe('the loader of the package outside node_modules', () => {
  const load = async (files: Record<string, string>, provided: Iterable<[string, unknown]> = []) => {
    const folder = await mkdtemp(join(tmpdir(), 'gnoise-'));
    await writeFiles(folder, files);
    return commonJsLoader(new Map(provided))(join(folder, 'index.js'));
  };

  it('loads what is required by relative path once, and answers the rest with what is provided', async () => {
    const files = {
      'index.js': 'module.exports = [require("./a"), require("./a/b.js"), require("tf")];',
      'a.js': 'exports.b = require("./a/b");',
      'a/b.js': 'exports.self = require("../a");',
    };
    const [a, b, tf] = (await load(files, [['tf', 'ours']])) as [{ b: object }, object, string];
    expect(a.b).toBe(b);
    expect((b as { self: object }).self).toBe(a);
    expect(tf).toBe('ours');
  });

  it('names the file and what it requires when that is neither there nor provided', async () => {
    await expect(load({ 'index.js': 'require("left-pad")' })).rejects.toThrow(/index\.js requires left-pad/);
    await expect(load({ 'index.js': 'require("./gone")' })).rejects.toThrow(/gone\.js is missing/);
  });
});
