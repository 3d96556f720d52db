import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { underLock } from '../../files/lock.js';
import { folderBytes, gigabytes, makeFolderWithRoom } from '../../files/space.js';
import { compileBinding, findCompiler, provideNodeHeaders } from './compile.js';
import { nativeEnvironment } from './environment.js';
import { fetchWheels, type Wheel } from './fetch-wheels.js';
import { findPython } from './find-python.js';
import { backendsFolder, bindingPath, type Flavour, installationName, napiVersion } from './folders.js';
import { findInstallations, type Installation } from './installations.js';
import { damagedFile, recordFiles } from './integrity.js';
import { type Manifest, writeManifest } from './manifest.js';
import { provideTfjsNode, type Source } from './npm-package.js';
import { checkPins, pinned } from './pins.js';
import { type Probe, probeBinding } from './probe.js';
import { unpackWheel } from './unpack.js';

export interface InstallOptions {
  readonly gpu?: boolean;
  /** TensorFlow's version, e.g. `2.21.0`; where it is left out the newest whose checksums are known, or an older one where the package
   * index has no other. */
  readonly version?: string;
  /** Install again, also when a working installation is there. */
  readonly force?: boolean;
  readonly progress?: (line: string) => void;
  readonly environment?: Environment;
}

export interface InstallResult {
  readonly installation: Installation;
  readonly probe: Probe;
  /** False when a working installation was there already. */
  readonly fresh: boolean;
}

/** TensorFlow's wheel, and the versions whose C interface the binding is known to fit; the newest has pinned checksums. */
const packages: Record<Flavour, { name: string; range: string; roomBytes: number }> = {
  cpu: { name: 'tensorflow-cpu', range: '>=2.16,<2.22', roomBytes: 2e9 },
  gpu: { name: 'tensorflow', range: '>=2.16,<2.22', roomBytes: 11e9 },
};

/** What is used of a TensorFlow wheel. The headers are only needed to compile. */
const tensorflowParts = [
  'tensorflow/libtensorflow_*.so.*',
  'tensorflow/include/*',
  '!tensorflow/include/external/*',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
  '*.dist-info/*',
];

/** What is used of NVIDIA's wheels. */
const nvidiaParts = ['nvidia/*', '!*/include/*', '!*.a', '!*.py', '*.dist-info/*'];

/**
 * Installs a current native TensorFlow into the cache folder: fetches its libraries with pip, compiles TensorFlow.js's
 * binding against them, lets the result compute in a child process, and moves it into place. A folder appears there
 * whole or not at all; what was downloaded is kept until then, so that a second try goes on from there.
 * @throws UserError when something that is needed is missing, saying what and how to get it.
 */
export async function installTensorflow(options: InstallOptions = {}): Promise<InstallResult> {
  const { gpu = false, version, force = false, environment = process.env, progress = () => {} } = options;
  const flavour: Flavour = gpu ? 'gpu' : 'cpu';
  checkPlatform();
  if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new UserError(`--version takes a TensorFlow version such as 2.21.0, got "${version}".`);
  }
  const folder = backendsFolder(environment);
  const present = async () =>
    force ? undefined : workingInstallation({ flavour, environment, ...(version && { version }) });
  const found = await present();
  if (found && (await leftoversOf(folder, found)).length === 0) return found;
  // Everything that can be missing is looked for before anything is downloaded.
  const findTools = async () => {
    const tools = { python: await findPython(environment), compiler: await findCompiler(environment) };
    await makeFolderWithRoom(folder, packages[flavour].roomBytes, 'GNOISE_CACHE');
    return tools;
  };
  const early = found ? null : await findTools();
  // Two installs at a time would take twice the disk and network, and remove each other's leftovers.
  const onWait = (holder: string) =>
    progress(`Waiting for ${holder}, which is installing into ${folder} or was killed a moment ago.`);
  const turns = { staleAfter: 20_000, onWait, elsewhere: 'GNOISE_CACHE' } as const;
  return underLock(join(folder, '.install.lock'), turns, async (lost) => {
    // Another process may have installed it in the meantime.
    const other = await present();
    await removeAll(await leftoversOf(folder, other));
    if (other) return other;
    const { python, compiler } = early ?? (await findTools());
    const staging = await mkdtemp(join(folder, '.staging-'));
    // A temporary folder is private; a cache folder that several users share must stay readable.
    await chmod(staging, 0o755);
    try {
      const work = { flavour, python, compiler, folder, staging, environment, progress, lost };
      return await build({ ...work, ...(version && { version }) });
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
}

interface Work {
  readonly flavour: Flavour;
  readonly version?: string;
  readonly python: string;
  readonly compiler: { command: string; description: string };
  readonly folder: string;
  readonly staging: string;
  readonly environment: Environment;
  readonly progress: (line: string) => void;
  /** Aborted when another install has taken over. */
  readonly lost: AbortSignal;
}

async function build(work: Work): Promise<InstallResult> {
  const { flavour, version, python, compiler, folder, staging, environment, progress } = work;
  const downloads = join(folder, `.downloads-${flavour}${version ? `-${version}` : ''}`);
  await mkdir(downloads, { recursive: true });

  const { name, range } = packages[flavour];
  progress(`1/5 TensorFlow, with ${python} -m pip`);
  const fetching = { python, folder: downloads, environment, progress };
  const wheels = await fetchWheels({
    ...fetching,
    requirements: [`${name}${version ? `==${version}` : range}`],
  });
  sayUnpinned(checkPins(wheels), progress);
  const tensorflow = wheels[0]!;
  progress(`2/5 Unpacking ${tensorflow.name} ${tensorflow.version}`);
  const unpacking = { python, target: staging, environment };
  await unpackWheel({ ...unpacking, wheel: tensorflow.path, patterns: tensorflowParts });
  checkLibraries(staging, tensorflow);
  if (flavour === 'gpu') {
    const requirements = (await cudaRequirements(staging, tensorflow)).map(pinned);
    progress(`    NVIDIA's libraries (${requirements.length} packages)`);
    const cuda = await fetchWheels({ ...fetching, requirements });
    sayUnpinned(checkPins(cuda), progress);
    for (const { path } of cuda) await unpackWheel({ ...unpacking, wheel: path, patterns: nvidiaParts });
    wheels.push(...cuda);
  }

  progress('3/5 The Node part of TensorFlow.js, with npm');
  const npm = { downloads, environment };
  const binding = await provideTfjsNode(join(staging, 'tfjs-node'), npm);
  const headers = await provideNodeHeaders(join(staging, 'node-headers'), npm);

  progress(`4/5 Compiling the binding, with ${compiler.description}`);
  await compileBinding({
    compiler: compiler.command,
    folder: staging,
    nodeHeaders: headers.folder,
    environment,
  });
  await rm(join(staging, 'node-headers'), { recursive: true, force: true });
  const licence = await keepLicences(staging);
  await rm(join(staging, 'tensorflow', 'include'), { recursive: true });

  progress('5/5 Letting it compute');
  const probe = await verify(staging, environment);
  const manifest: Manifest = {
    flavour,
    tensorflowVersion: probe.tensorflowVersion,
    sources: [...wheels.map(asSource), binding, ...(headers.source ? [headers.source] : [])],
    licence,
    compiler: compiler.description,
    node: process.version,
    napi: napiVersion,
    installedAt: new Date().toISOString(),
    bytes: await folderBytes(staging),
    files: await recordFiles(staging),
  };
  await writeManifest(staging, manifest);
  work.lost.throwIfAborted();
  const place = join(folder, installationName(flavour, probe.tensorflowVersion));
  await replaceFolder(staging, place);
  await rm(downloads, { recursive: true });
  progress(`    ${place} (${gigabytes(manifest.bytes)})`);
  return { installation: { folder: place, manifest }, probe, fresh: true };
}

function sayUnpinned(wheels: readonly Wheel[], progress: Work['progress']): void {
  if (wheels.length === 0) return;
  const names = wheels.map(({ name, version }) => `${name} ${version}`).join(', ');
  progress(`    No checksum is known here of ${names}: taken on the word of the package index`);
}

function checkPlatform(): void {
  if (process.platform === 'linux') return;
  throw new UserError(
    `gnoise backend install works on Linux (on Windows: in WSL 2), and this is ${process.platform}. On macOS and ` +
      'Windows use the stock package (npm install --no-save @tensorflow/tfjs-node), or --backend wasm, which needs nothing.',
  );
}

async function workingInstallation(wanted: {
  flavour: Flavour;
  version?: string;
  environment: Environment;
}): Promise<InstallResult | undefined> {
  const installations = await findInstallations(wanted.environment);
  for (const installation of installations) {
    const { flavour, tensorflowVersion } = installation.manifest;
    if (flavour !== wanted.flavour || tensorflowVersion !== (wanted.version ?? tensorflowVersion)) continue;
    if ((await damagedFile(installation.folder)) !== null) continue;
    const result = await probeIn(installation.folder, wanted.environment);
    // Installations of older versions of gnoise take no functions.
    if (result.ok && result.probe.functions) return { installation, probe: result.probe, fresh: false };
  }
  return undefined;
}

/**
 * What installs that were killed left. Their downloads stay, for a second try to go on from, until there is a working
 * installation.
 */
async function leftoversOf(folder: string, working: InstallResult | undefined): Promise<string[]> {
  const { flavour, tensorflowVersion } = working?.installation.manifest ?? {};
  const spent = working ? [`.downloads-${flavour}`, `.downloads-${flavour}-${tensorflowVersion}`] : [];
  const names = await readdir(folder);
  return names
    .filter((name) => /^\.(staging|replaced)-/.test(name) || spent.includes(name))
    .map((name) => join(folder, name));
}

async function removeAll(folders: readonly string[]): Promise<void> {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}

function checkLibraries(staging: string, wheel: Wheel): void {
  for (const part of [
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
    'include/tensorflow/c/c_api.h',
  ]) {
    if (!existsSync(join(staging, 'tensorflow', part))) {
      throw new UserError(
        `The wheel of ${wheel.name} ${wheel.version} (${wheel.path}) has no tensorflow/${part}, which the binding ` +
          'needs. Try another version, e.g. gnoise backend install --version 2.21.0.',
      );
    }
  }
}

/** What the wheel itself asks for as its extra `and-cuda`. */
async function cudaRequirements(staging: string, { name, version }: Wheel): Promise<string[]> {
  const metadata = await readFile(join(staging, `${name}-${version}.dist-info`, 'METADATA'), 'utf8');
  const lines = metadata.matchAll(/^Requires-Dist: ([^;\n]+?)\s*;.*extra == ["']and-cuda["']/gm);
  return [...lines].map(([, requirement]) => requirement!);
}

/** Gathers the licences of all parts in one folder, and says in a line what TensorFlow's is. */
async function keepLicences(staging: string): Promise<string> {
  const target = join(staging, 'licences');
  await mkdir(target);
  await cp(join(staging, 'tensorflow', 'include', 'LICENSE'), join(target, 'LICENSE-tensorflow'));
  await cp(
    join(staging, 'tensorflow', 'THIRD_PARTY_NOTICES.txt'),
    join(target, 'THIRD_PARTY_NOTICES-tensorflow.txt'),
  ).catch(() => {}); // Versions before 2.20 have none.
  for (const name of await readdir(staging)) {
    if (name.endsWith('.dist-info')) await rename(join(staging, name), join(target, name));
  }
  return 'TensorFlow and TensorFlow.js: Apache-2.0; texts of all parts in the folder licences';
}

async function verify(staging: string, environment: Environment): Promise<Probe> {
  const result = await probeIn(staging, environment);
  if (result.ok) return result.probe;
  const how = result.signal ? `crashed (${result.signal})` : 'failed';
  throw new UserError(
    `TensorFlow was installed, but ${how} its first computation, so it was removed again: ${result.message}\n` +
      'Try another version, e.g. gnoise backend install --version 2.21.0.',
  );
}

function probeIn(folder: string, environment: Environment) {
  const variables = { ...environment, ...nativeEnvironment({}, environment) };
  return probeBinding(bindingPath(join(folder, 'tfjs-node')), variables);
}

const asSource = ({ path, name, version, sha256 }: Wheel): Source => ({
  name,
  version,
  file: path.split('/').at(-1)!,
  sha256,
});

/** Moves a folder into place. What was there is moved aside first: a folder cannot be renamed over a full one. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const aside = join(to, '..', `.replaced-${process.pid}-${Date.now()}`);
  if (existsSync(to)) await rename(to, aside);
  await rename(from, to);
  await rm(aside, { recursive: true, force: true });
}
