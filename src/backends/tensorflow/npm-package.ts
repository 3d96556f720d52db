import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../../errors.js';
import type { Environment } from '../../files/cache-folder.js';
import { sha256, sha256OfFile } from '../../files/sha256.js';
import { programsIn } from './programs.js';
import { unpackTarball } from './unpack.js';

/** The version of TensorFlow.js that gnoise is built on; its parts must all be of one version. */
export const tfjsVersion = '4.22.0';

/** Stock packages, the GPU one first. Their JavaScript and C++ parts are the same code. */
export const stockPackages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/**
 * The one version of each package that is used, and the digest of its content (see `digestOf`) as the npm registry gives it: be it
 * fetched or found in node_modules, it must be this one.
 */
const packages = {
  '@tensorflow/tfjs-node-gpu': {
    version: tfjsVersion,
    parts: ['package.json', 'binding', 'dist'],
    sha256: 'e2a3444e73dd2820d166be6777fa05c12c91a0a3d11afa151b1312785122363a',
  },
  'node-api-headers': {
    version: '1.9.0',
    parts: ['package.json', 'include'],
    sha256: '29fc763a15613ee1161e37a776152da33a1eed6809d2f3ce83edba52fb2cc17d',
  },
} as const;

type PackageName = keyof typeof packages;

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
  const { version, parts } = packages[name];
  const present = installedPackage(name);
  if (!present || (await versionOf(present)) !== version) return fetchPackage(name, target, work);
  await checkContent(name, present, present);
  await copyParts(present, target, parts);
  return { name, version, file: 'node_modules', sha256: await sha256OfFile(join(present, 'package.json')) };
}

async function copyParts(from: string, target: string, parts: readonly string[]): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const part of parts) await cp(join(from, part), join(target, part), { recursive: true });
}

/** @throws UserError when a package is not the published one. */
async function checkContent(name: PackageName, folder: string, from: string): Promise<void> {
  const { version, parts, sha256 } = packages[name];
  const found = await digestOf(folder, parts);
  if (found === sha256) return;
  throw new UserError(
    `${name} ${version} in ${from} is not the published one: the digest of its content is ${found}, expected ${sha256}. Nothing of it ` +
      'was used. Delete it, see that npm asks a registry that you trust (npm config list), and run the command again.',
  );
}

/** SHA-256 over the checksum and the path of every file in some parts of a folder, sorted by path: `sha256sum` of `sha256sum`. */
export async function digestOf(folder: string, parts: readonly string[]): Promise<string> {
  const paths: string[] = [];
  for (const part of parts) {
    const found = await stat(join(folder, part)).catch(() => null);
    if (found?.isFile()) paths.push(part);
    if (!found?.isDirectory()) continue;
    for (const entry of await readdir(join(folder, part), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) paths.push(relative(folder, join(entry.parentPath, entry.name)));
  }
  const lines = paths.sort().map(async (path) => `${await sha256OfFile(join(folder, path))}  ${path}\n`);
  return sha256(Buffer.from((await Promise.all(lines)).join('')));
}

export interface NpmWork {
  readonly downloads: string;
  readonly environment: Environment;
}

/**
 * Fetches a package with npm (the user's registry, proxy and cache; no install script is run) and unpacks it.
 * @throws UserError when npm is missing or fails, or the package is not the published one.
 */
export async function fetchPackage(
  name: PackageName,
  target: string,
  { downloads, environment }: NpmWork,
): Promise<Source> {
  const { version, parts } = packages[name];
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
  const unpacked = await mkdtemp(join(downloads, 'unpacked-'));
  try {
    await unpackTarball(tarball, unpacked);
    await checkContent(name, unpacked, tarball);
    // Nothing else in it is used: that has not been looked at.
    await copyParts(unpacked, target, parts);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  return { name, version, file, sha256: await sha256OfFile(tarball) };
}

async function versionOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
