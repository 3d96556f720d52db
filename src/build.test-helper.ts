import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lock } from 'proper-lockfile';

const ROOT = process.cwd();
/** A file of each package. */
const BUILT = ['dist/cli/main.js', 'packages/gnoise-tfjs/dist/index.js'].map((file) => join(ROOT, file));

/** Builds both packages unless what is built is newer than its source; test files that run at once take turns. */
export async function build(): Promise<void> {
  const cache = join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const lockfilePath = join(cache, 'gnoise-build.lock');
  const unlock = await lock(cache, { lockfilePath, retries: { forever: true, factor: 1, minTimeout: 200 } });
  try {
    if (Math.min(...BUILT.map(modified)) < newestSource())
      await promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT });
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
