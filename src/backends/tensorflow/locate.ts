import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../files/cache-folder.js';
import type { Device } from './environment.js';
import { backendsFolder, bindingPath, installationName } from './folders.js';
import { findInstallations } from './installations.js';
import { installedPackage, stockPackages } from './npm-package.js';

/** A TensorFlow.js Node package with its binding; `installed`: by `gnoise backend install`, `npm`: the stock package. */
export interface Candidate {
  readonly source: 'installed' | 'npm';
  readonly packageFolder: string;
  /** The add-on that would be loaded; it need not exist. */
  readonly binding: string;
}

export interface Located {
  /** Best first. */
  readonly candidates: readonly Candidate[];
  /** Files whose absence made the search go on. */
  readonly lookedFor: readonly string[];
}

/**
 * The native backends of this machine: installations in the cache folder first (they are newer and were verified),
 * then stock packages in node_modules. Without an NVIDIA driver, or for `cpu`, the build without CUDA comes first, since
 * it loads faster.
 */
export async function locateTensorflow(
  device: Device = 'auto',
  environment: Environment = process.env,
  stock: (name: string) => string | undefined = installedPackage,
): Promise<Located> {
  const preferred = device === 'gpu' || (device === 'auto' && hasNvidiaDriver()) ? 'gpu' : 'cpu';
  const installations = await findInstallations(environment);
  installations.sort(
    (a, b) => Number(b.manifest.flavour === preferred) - Number(a.manifest.flavour === preferred),
  );
  const installed = installations.map(({ folder }) => asCandidate('installed', join(folder, 'tfjs-node')));
  const packages = stockPackages.map(stock).filter((folder) => folder !== undefined);
  const candidates = [...installed, ...packages.map((folder) => asCandidate('npm', folder))];
  const lookedFor = [
    ...(installed.length > 0 ? [] : [join(backendsFolder(environment), installationName(preferred, '*'))]),
    ...(packages.length > 0 ? [] : stockPackages.map((name) => `node_modules/${name}`)),
  ];
  return { candidates, lookedFor };
}

/** The stock package's binding lies under the highest Node-API version it was built for, at most the one asked for here. */
function asCandidate(source: Candidate['source'], packageFolder: string): Candidate {
  const versions = [8, 7, 6, 5, 4, 3].map((napi) => bindingPath(packageFolder, napi));
  return { source, packageFolder, binding: versions.find((path) => existsSync(path)) ?? versions[0]! };
}

/** Whether the kernel part of NVIDIA's driver is loaded; without it no process can use a card. */
export function hasNvidiaDriver(): boolean {
  return ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path));
}
