// Platforms that native kernels are made for, and where the compiled ones lie.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `process.platform` and `process.arch`, joined: what a release has native kernels for. */
export const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** The module of a platform, in a checkout or in an unpacked package. */
export function prebuild(platform, folder = root) {
  return join(folder, 'dist/kernels/prebuilds', platform, 'gnoise.node');
}

/** Those platforms whose module is not there. */
export function missingPlatforms(folder = root) {
  return PLATFORMS.filter((platform) => !existsSync(prebuild(platform, folder)));
}
