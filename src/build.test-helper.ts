import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lock } from 'proper-lockfile';

const ROOT = process.cwd();
export type Package = 'gnoise' | 'gnoise-tfjs';

/** How each package is built, and a file that shows when it was. */
const BUILDS = {
  gnoise: { script: 'build', built: 'dist/cli/main.js' },
  'gnoise-tfjs': { script: 'build:library', built: 'packages/gnoise-tfjs/dist/index.js' },
} satisfies Record<Package, unknown>;

/** Builds a package unless what is built is newer than its source; test files that run at once take turns. */
export async function build(name: Package): Promise<void> {
  const { script, built } = BUILDS[name];
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const lockfilePath = join(cache, 'gnoise-build.lock');
  const unlock = await lock(cache, { lockfilePath, retries: { forever: true, factor: 1, minTimeout: 200 } });
  try {
    if (newestSource() > modified(join(ROOT, built)))
      await promisify(execFile)('npm', ['run', script], { cwd: ROOT });
  } finally {
    await unlock();
  }
}

function newestSource(): number {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  return Math.max(...files.map((file) => modified(join(ROOT, 'src', file))));
}

function modified(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
