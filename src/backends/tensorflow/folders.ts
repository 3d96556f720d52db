import { join } from 'node:path';
import { cacheFolder, type Environment } from '../../files/cache-folder.js';

/** `gpu` is TensorFlow built for NVIDIA cards; it computes on the CPU where there is none. */
export type Flavour = 'cpu' | 'gpu';

/** Where `gnoise backend install` puts native backends: outside node_modules, so that `npm ci` keeps them. */
export function backendsFolder(environment: Environment = process.env): string {
  return join(cacheFolder(environment), 'backends');
}

/** Node-API is stable across Node versions, so one binding serves all of them; 8 is the highest that TensorFlow.js asks for. */
export const napiVersion = 8;

/** Everything that makes one binary differ from another, e.g. `tensorflow-cpu-2.21.0-napi8-linux-x64`. */
export function installationName(flavour: Flavour, version: string): string {
  return `tensorflow-${flavour}-${version}-napi${napiVersion}-${process.platform}-${process.arch}`;
}

/** The Node add-on inside a TensorFlow.js package, stock or built here. */
export function bindingPath(packageFolder: string, napi = napiVersion): string {
  return join(packageFolder, 'lib', `napi-v${napi}`, 'tfjs_binding.node');
}
