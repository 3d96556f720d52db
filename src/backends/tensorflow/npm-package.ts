import { cp, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { sha256OfFile } from '../../files/sha256.js';
import { programsIn } from './programs.js';
import { unpackTarball } from './unpack.js';

/** The version of TensorFlow.js that gnoise is built on; its parts must all be of one version. */
export const tfjsVersion = '4.22.0';

/** Stock packages, the GPU one first. Their JavaScript and C++ parts are the same code. */
export const stockPackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

export interface Source {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
}

/** The folder of a package in gnoise's own node_modules, or undefined. Nothing of it is run. */
export function installedPackage(name: string, from: string = import.meta.url): string | undefined {
  try {
    // Not the main file: a half-installed package may lack it.
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Copies the JavaScript and C++ parts of TensorFlow.js's Node backend into `target`, from node_modules or with npm. */
export async function provideTfjsNode(target: string, work: NpmWork): Promise<Source> {
  const [name] = stockPackages;
  const present = installedPackage(name);
  if (!present || (await versionOf(present)) !== tfjsVersion) {
    return fetchPackage(name, tfjsVersion, target, work);
  }
  await mkdir(target, { recursive: true });
  for (const part of ['package.json', 'binding', 'dist']) {
    await cp(join(present, part), join(target, part), { recursive: true });
  }
  return {
    name,
    version: tfjsVersion,
    file: 'node_modules',
    sha256: await sha256OfFile(join(present, 'package.json')),
  };
}

export interface NpmWork {
  readonly downloads: string;
  readonly environment: Environment;
}

/**
 * Fetches a package with npm (the user's registry, proxy and cache; no install script is run) and unpacks it.
 * @throws UserError when npm is missing or fails.
 */
export async function fetchPackage(
  name: string,
  version: string,
  target: string,
  { downloads, environment }: NpmWork,
): Promise<Source> {
  await mkdir(target, { recursive: true });
  const { failed, code, stdout, stderr } = await programsIn(environment)(
    'npm',
    ['pack', `${name}@${version}`, '--json', '--pack-destination', downloads],
    { cwd: downloads },
  );
  if (code === 'ENOENT') {
    throw new UserError('npm was not found, and it is needed once to fetch the Node part of TensorFlow.js.');
  }
  if (failed) {
    throw new UserError(
      `npm could not fetch ${name} ${version}. Check the network, or npm's registry and proxy ` +
        `(npm config list):\n${stderr.trim().split('\n').slice(-4).join('\n')}`,
    );
  }
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  // Older versions of npm report a scoped package's file with its slash.
  const file = packed.filename.replace('@', '').replace('/', '-');
  const tarball = join(downloads, file);
  await unpackTarball(tarball, target);
  return { name, version: await versionOf(target), file, sha256: await sha256OfFile(tarball) };
}

async function versionOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
