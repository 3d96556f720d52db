import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll } from 'vitest';

/**
 * Compiles source files before the tests of a file run, so that child processes can import them.
 * @returns the URL of a compiled module, by its path under `src` without the ending.
 */
export function useCompiled(...sources: readonly string[]): (module: string) => string {
  let folder = '';
  beforeAll(async () => {
    // Inside node_modules, from where the modules' own imports are found.
    const cache = join(process.cwd(), 'node_modules', '.cache');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'gnoise-test-'));
    const options = ['--noEmit', 'false', '--outDir', folder, '--rootDir', 'src', '--ignoreConfig'];
    const language = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--skipLibCheck'];
    const files = sources.map((source) => join('src', `${source}.ts`));
    await execa('tsc', [...options, ...language, ...files], { preferLocal: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (module) => new URL(`file://${join(folder, `${module}.js`)}`).href;
}
