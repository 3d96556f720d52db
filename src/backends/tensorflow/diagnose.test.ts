import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { diagnoseTensorflow } from './diagnose.js';
import { absent, describeDiagnosis, improvementOf, loadFailure, noBinding, type Ready } from './diagnosis.js';
import { nativeEnvironment } from './environment.js';
import { type FakePath, fakePath, writeFiles } from './fake-path.test-helper.js';
import { bindingPath, installationName } from './folders.js';
import type { Candidate } from './locate.js';
import { plainManifest } from './manifest.test-helper.js';

let path: FakePath;
beforeEach(async () => {
  path = await fakePath();
});

const nothing = () => undefined;

describe('diagnosing native TensorFlow', () => {
  it('says that there is none, what was looked for and how to get it', async () => {
    const diagnosis = await diagnoseTensorflow('auto', path.environment, nothing);
    expect(diagnosis.state).toBe('absent');
    const text = describeDiagnosis(diagnosis);
    expect(text).toContain(join(path.environment.GNOISE_CACHE!, 'backends', installationName('cpu', '*')));
    expect(text).toContain('looked for: node_modules/@tensorflow/tfjs-node-gpu');
    expect(text).toContain('repair: gnoise backend install, or gnoise backend install --gpu');
  });

  it('tells a package whose install script did not run from one that is absent', async () => {
    await writeFiles(path.folder, { 'stock/package.json': '{}' });
    const stock = (name: string) => (name.endsWith('-gpu') ? join(path.folder, 'stock') : undefined);
    const diagnosis = await diagnoseTensorflow('auto', path.environment, stock);
    expect(diagnosis.state).toBe('no-binding');
    expect(describeDiagnosis(diagnosis)).toContain(`looked for: ${bindingPath(join(path.folder, 'stock'))}`);
    expect(describeDiagnosis(diagnosis)).toContain('install script was skipped');
  });

  it('recognises a file that is no library for this machine', async () => {
    await writeFiles(path.folder, { 'stock/lib/napi-v8/tfjs_binding.node': 'not a library' });
    const diagnosis = await diagnoseTensorflow('auto', path.environment, () => join(path.folder, 'stock'));
    expect(['other-node', 'broken']).toContain(diagnosis.state);
    expect(describeDiagnosis(diagnosis)).toContain('repair: gnoise backend install');
  });

  it('prefers an installation over a stock package, and goes on when it is broken', async () => {
    const folder = join(path.environment.GNOISE_CACHE!, 'backends', installationName('cpu', '2.21.0'));
    await writeFiles(folder, { 'manifest.json': JSON.stringify(plainManifest) });
    const diagnosis = await diagnoseTensorflow('auto', path.environment, nothing);
    expect(diagnosis).toMatchObject({
      state: 'no-binding',
      lookedFor: [bindingPath(join(folder, 'tfjs-node'))],
    });
    expect(describeDiagnosis(diagnosis)).toContain('repair: gnoise backend install --force');
  });
});

describe('what a loader’s words mean', () => {
  const stock: Candidate = {
    source: 'npm',
    packageFolder: '/p',
    binding: '/p/lib/napi-v8/tfjs_binding.node',
  };
  const installed: Candidate = { ...stock, source: 'installed' };

  it.each([
    [
      'a CUDA library',
      'libcudart.so.11.0: cannot open shared object file: No such file or directory',
      'missing-library',
      /libcudart\.so\.11\.0 of CUDA.*CUDA 11\.2/,
      /backend install --gpu/,
    ],
    [
      'a library of TensorFlow',
      'libtensorflow.so.2: cannot open shared object file: No such file or directory',
      'missing-library',
      /libtensorflow\.so\.2, which the binding is linked to/,
      /backend install/,
    ],
    [
      'another Node',
      'was compiled against a different Node.js version using NODE_MODULE_VERSION 93.',
      'other-node',
      /another Node/,
      /backend install/,
    ],
    [
      'another processor',
      '/p/x.node: wrong ELF class: ELFCLASS32',
      'other-node',
      /processor/,
      /backend install/,
    ],
    [
      'a newer system',
      "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found",
      'broken',
      /newer than the one of this machine/,
      /on this machine/,
    ],
    [
      'wrong numbers',
      'computes a wrong matrix product: 0,0,0,0',
      'wrong-numbers',
      /wrong numbers/,
      /--version/,
    ],
    ['something unknown', 'the moon is full', 'broken', /does not load/, /backend install/],
  ])('recognises %s', (_case, said, state, cause, repair) => {
    const trouble = loadFailure(stock, said);
    expect(trouble.state).toBe(state);
    expect(trouble.cause).toMatch(cause);
    expect(trouble.repair).toMatch(repair);
    expect(describeDiagnosis(trouble)).toContain(said);
  });

  it('names the instructions a processor lacks when the library crashes over one', () => {
    expect(loadFailure(installed, '', 'SIGILL').cause).toMatch(/lacks instructions/);
    expect(loadFailure(installed, '', 'SIGSEGV').cause).toMatch(/crashed \(SIGSEGV\)/);
  });

  it('repairs an installation by installing again, a stock package by installing', () => {
    expect(noBinding(installed).repair).toBe('gnoise backend install --force');
    expect(noBinding(stock).repair).toMatch(/^gnoise backend install; or npm rebuild/);
    expect(absent([]).repair).toMatch(/^gnoise backend install/);
  });
});

describe('a native TensorFlow that works', () => {
  const ready: Ready = {
    state: 'ready',
    candidate: { source: 'npm', packageFolder: '/p', binding: '/p/b.node' },
    tensorflowVersion: '2.9.1',
    devices: ['CPU'],
    functions: false,
  };

  it('would be faster from gnoise’s own build, unless it is that', () => {
    expect(improvementOf(ready)?.repair).toBe('gnoise backend install');
    expect(improvementOf({ ...ready, devices: ['CPU', 'GPU'] })?.repair).toBe('gnoise backend install --gpu');
    expect(improvementOf({ ...ready, functions: true })).toBeUndefined();
  });
});

describe('the variables that TensorFlow reads', () => {
  it('lets memory grow, keeps float32 whole, adds up in one order, shows one card and keeps the log quiet', () => {
    expect(nativeEnvironment({}, {})).toEqual({
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      NVIDIA_TF32_OVERRIDE: '0',
      TF_USE_DETERMINISTIC_SEGMENT_REDUCTIONS: 'true',
      CUDA_VISIBLE_DEVICES: '0',
      TF_CPP_MIN_LOG_LEVEL: '3',
    });
  });

  it('leaves alone what the user has set', () => {
    const given = { CUDA_VISIBLE_DEVICES: '3', TF_CPP_MIN_LOG_LEVEL: '1' };
    const set = nativeEnvironment({ verbose: true }, given);
    expect(set).not.toHaveProperty('CUDA_VISIBLE_DEVICES');
    expect(set).not.toHaveProperty('TF_CPP_MIN_LOG_LEVEL');
  });

  it('hides every card for --device cpu, also one that the user has chosen', () => {
    expect(nativeEnvironment({ device: 'cpu' }, { CUDA_VISIBLE_DEVICES: '3' }).CUDA_VISIBLE_DEVICES).toBe(
      '-1',
    );
  });

  it('shows the first of several cards, on which TensorFlow computes', () => {
    expect(nativeEnvironment({}, { CUDA_VISIBLE_DEVICES: '2,3' }).CUDA_VISIBLE_DEVICES).toBe('2');
  });

  it('limits threads only when told', () => {
    expect(nativeEnvironment({ threads: 3 }, {})).toMatchObject({ TF_NUM_INTRAOP_THREADS: '3' });
    expect(nativeEnvironment({}, {})).not.toHaveProperty('TF_NUM_INTRAOP_THREADS');
  });
});
