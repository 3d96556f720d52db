import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../errors.js';
import { compileBinding, findCompiler, nodeHeaders, provideNodeHeaders } from './compile.js';
import { type FakePath, fakePath, writeFiles } from './fake-path.test-helper.js';
import { pipFailure } from './fetch-wheels.js';
import { findPython } from './find-python.js';
import { backendsFolder } from './folders.js';
import { installTensorflow } from './install.js';
import { checkPins, pinned } from './pins.js';

let path: FakePath;
beforeEach(async () => {
  path = await fakePath();
});

/** Answers like a Python with pip whose `pip download` does as told. */
const python = (version: string, download = 'exit 1') => `
case "$*" in
  *version_info*) echo ${version} ;;
  *"pip --version"*) echo pip 24 ;;
  *"pip download"*) ${download} ;;
  *) exit 3 ;;
esac`;

const install = () => installTensorflow({ environment: path.environment });

describe('looking for Python', () => {
  it('says that there is none, where it looked and how to get one', async () => {
    await expect(findPython(path.environment)).rejects.toThrow(UserError);
    await expect(findPython(path.environment)).rejects.toThrow(
      /python3: not found\n {2}python: not found\nInstall Python 3\.9 or newer with pip/,
    );
  });

  it('says which version is too old', async () => {
    await path.script('python3', python('3.6.9'));
    await expect(findPython(path.environment)).rejects.toThrow(
      /python3: version 3\.6\.9 is too old, 3\.9 is needed/,
    );
  });

  it('says that pip is missing', async () => {
    await path.script('python3', 'case "$*" in *version_info*) echo 3.11.2 ;; *) exit 1 ;; esac');
    await expect(findPython(path.environment)).rejects.toThrow(/python3: version 3\.11\.2 has no pip/);
  });

  it('goes on to the next when one does not fit', async () => {
    await path.script('python3', python('3.6.9'));
    await path.script('python', python('3.14.0'));
    expect(await findPython(path.environment)).toBe('python');
  });

  it('takes the one that the variable PYTHON names', async () => {
    await path.script('python3', python('3.11.2'));
    await path.script('mine', python('3.12.0'));
    expect(await findPython({ ...path.environment, PYTHON: join(path.folder, 'mine') })).toBe(
      join(path.folder, 'mine'),
    );
  });
});

describe('looking for a compiler', () => {
  it('says that there is none and how to get one', async () => {
    await expect(findCompiler(path.environment)).rejects.toThrow(
      /No C\+\+ compiler was found \(looked for c\+\+, g\+\+, clang\+\+\)\. Install one/,
    );
  });

  it('prefers the one that the variable CXX names', async () => {
    await path.script('c++', 'echo one 1.0');
    await path.script('mine', 'echo mine 2.0');
    expect(await findCompiler({ ...path.environment, CXX: 'mine' })).toEqual({
      command: 'mine',
      description: 'mine 2.0',
    });
  });

  it('repeats what the compiler said when it fails', async () => {
    await path.script('c++', 'echo "error: unrecognized option -std=c++17" >&2; exit 1');
    const folder = join(path.folder, 'work');
    await mkdir(join(folder, 'tfjs-node', 'binding'), { recursive: true });
    const work = { compiler: 'c++', folder, nodeHeaders: '/nowhere', environment: path.environment };
    await expect(compileBinding(work)).rejects.toThrow(
      /must know C\+\+17.*\n.*unrecognized option -std=c\+\+17/,
    );
  });
});

describe('looking for Node’s headers', () => {
  it('finds them beside the executable', async () => {
    await writeFiles(path.folder, { 'include/node/node_api.h': '' });
    expect(nodeHeaders(join(path.folder, 'bin', 'node'))).toBe(join(path.folder, 'include', 'node'));
    expect(nodeHeaders(join(path.folder, 'elsewhere', 'bin', 'node'))).toBeUndefined();
  });

  it('says what is missing when npm, which could fetch them, is missing too', async () => {
    const work = { downloads: path.folder, environment: path.environment };
    await expect(provideNodeHeaders(join(path.folder, 'headers'), work, '/nowhere/bin/node')).rejects.toThrow(
      /npm was not found/,
    );
  });
});

describe('when pip fails', () => {
  const requirement = ['tensorflow-cpu==9.9.9'];

  it.each([
    [
      'no network',
      'NewConnectionError: Failed to establish a new connection',
      /reached no package index.*PIP_INDEX_URL/,
    ],
    [
      'a version that does not exist',
      'ERROR: No matching distribution found',
      /offers no tensorflow-cpu==9\.9\.9 for this machine/,
    ],
    ['a full disk', 'OSError: [Errno 28] No space left on device', /The disk is full/],
    [
      'anything else',
      'Segmentation fault',
      /pip could not download tensorflow-cpu==9\.9\.9:\nSegmentation fault/,
    ],
  ])('tells %s from the rest', (_case, output, text) => {
    expect(pipFailure(output, requirement)).toMatch(text);
  });

  it('prefers the network as the reason where pip mentions both', () => {
    const output = 'WARNING: Retrying after NewConnectionError\nERROR: No matching distribution found';
    expect(pipFailure(output, requirement)).toMatch(/reached no package index/);
  });
});

describe('installing', () => {
  it('wants a whole version', async () => {
    await expect(installTensorflow({ version: '2', environment: path.environment })).rejects.toThrow(
      /--version takes a TensorFlow version such as 2\.21\.0, got "2"/,
    );
  });

  it('looks for the compiler before it downloads anything', async () => {
    await path.script('python3', python('3.11.2', 'touch "$0.downloaded"'));
    await expect(install()).rejects.toThrow(/No C\+\+ compiler/);
    expect(existsSync(join(path.folder, 'python3.downloaded'))).toBe(false);
  });

  it('leaves no installation and no half of one when pip fails, and clears away what a killed install left', async () => {
    await path.script('python3', python('3.11.2', 'echo NewConnectionError >&2; exit 1'));
    await path.script('c++', 'echo compiler');
    await mkdir(join(backendsFolder(path.environment), '.staging-killed'), { recursive: true });
    await expect(install()).rejects.toThrow(/reached no package index/);
    const left = await readdir(backendsFolder(path.environment));
    expect(left.filter((name) => !name.startsWith('.downloads-'))).toEqual([]);
  });

  it('says which library a wheel lacks', async () => {
    await path.script(
      'python3',
      `
case "$*" in
  *version_info*) echo 3.11.2 ;;
  *"pip --version"*) echo pip 24 ;;
  *"pip download"*)
    while [ "$1" != --dest ]; do shift; done
    echo > "$2/tensorflow_cpu-2.99.0-cp312-cp312-any.whl" ;;
esac`,
    );
    await path.script('c++', 'echo compiler');
    await expect(install()).rejects.toThrow(
      /wheel of tensorflow_cpu 2\.99\.0 .* has no tensorflow\/libtensorflow_cc\.so\.2/,
    );
  });

  it('never runs what lies in the folder that the user is in', async () => {
    await path.script('python3', `case "$1" in -I) ;; *) touch "$0.exposed" ;; esac\n${python('3.11.2')}`);
    await path.script('c++', 'echo compiler');
    await expect(install()).rejects.toThrow(UserError);
    expect(existsSync(join(path.folder, 'python3.exposed'))).toBe(false);
  });

  it('uses nothing of a wheel that is not the published one', async () => {
    const wheel = 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl';
    const download = `while [ "$1" != --dest ]; do shift; done; echo evil > "$2/${wheel}"`;
    await path.script('python3', python('3.11.2', download).replace('*) exit 3', '*) touch "$0.unpacked"'));
    await path.script('c++', 'echo compiler');
    await expect(install()).rejects.toThrow(
      /21\.0.*\.whl is not the published file: its SHA-256 is [0-9a-f]{64}/,
    );
    expect(existsSync(join(path.folder, 'python3.unpacked'))).toBe(false);
  });

  it('uses no other build of a version whose files are known, be it of an NVIDIA library', async () => {
    const wheel = join(path.folder, 'nvidia_nccl_cu12-2.32.3-py3-none-any.whl');
    const described = { path: wheel, name: 'nvidia_nccl_cu12', version: '2.32.3', sha256: '0'.repeat(64) };
    expect(() => checkPins([described])).toThrow(/nccl.*is not the published file: its SHA-256 is 0{64}/);
    const unknown = { ...described, path: wheel.replace('2.32.3', '2.99.0'), version: '2.99.0' };
    expect(checkPins([unknown])).toEqual([unknown]);
  });

  it('asks for the NVIDIA libraries whose checksums are known, unless TensorFlow itself asks for one version', () => {
    expect(pinned('nvidia-nccl-cu12<3.0,>=2.27.7')).toBe('nvidia-nccl-cu12<3.0,>=2.27.7,==2.32.3');
    expect(pinned('nvidia-nccl-cu12==2.21.5')).toBe('nvidia-nccl-cu12==2.21.5');
    expect(pinned('nvidia-new-cu13>=1')).toBe('nvidia-new-cu13>=1');
  });

  it('uses nothing of an npm package that is not the published one', async () => {
    const downloads = join(path.folder, 'downloads');
    await writeFiles(path.folder, {
      'package/package.json': '{"version":"1.9.0"}',
      'package/include/node_api.h': 'evil',
    });
    await mkdir(downloads);
    await create({ gzip: true, cwd: path.folder, file: join(downloads, 'a.tgz') }, ['package']);
    await path.script(
      'npm',
      `case "$*" in *"node-api-headers@1.9.0"*) echo '[{"filename":"a.tgz"}]' ;; *) exit 1 ;; esac`,
    );
    const target = join(path.folder, 'headers');
    await expect(
      provideNodeHeaders(target, { downloads, environment: path.environment }, '/nowhere/bin/node'),
    ).rejects.toThrow(
      /node-api-headers 1\.9\.0 in .*a\.tgz is not the published one: the digest of its content/,
    );
    expect(existsSync(target)).toBe(false);
    expect(await readdir(downloads)).toEqual(['a.tgz']);
  });

  it('says so when the cache folder cannot be made', async () => {
    await writeFile(join(path.folder, 'file'), '');
    const environment = { ...path.environment, GNOISE_CACHE: join(path.folder, 'file') };
    await path.script('python3', python('3.11.2'));
    await path.script('c++', 'echo compiler');
    await expect(installTensorflow({ environment })).rejects.toThrow(/cannot be written: .*GNOISE_CACHE/);
  });
});
