import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exec, temporaryFolder, usePacked, versionOf } from './packed.test-helper.js';

const packages = { gnoise: usePacked('gnoise'), 'gnoise-tfjs': usePacked('gnoise-tfjs') };

describe.each(Object.entries(packages))('what npm gets as %s', (_name, { tarball, folder }) => {
  const files = () => readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');

  it('is right in the eyes of publint', async () => {
    const { stdout } = await exec('npx', ['publint', '--strict', tarball]);
    expect(stdout).toContain('All good!');
  });

  it('has types that every resolution of ES modules finds, says attw', async () => {
    await exec('npx', ['attw', '--profile', 'esm-only', tarball]);
  });

  it('has every file that its README links to', () => {
    const links = [...read('README.md').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!);
    const missing = links.filter((link) => !/^https:/.test(link) && !existsSync(join(folder, link)));
    expect(links.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  it('has the sources of its source maps in them', () => {
    const maps = files().filter((file) => file.endsWith('.js.map'));
    expect(maps.length).toBeGreaterThan(30);
    for (const map of maps) {
      const { sources, sourcesContent } = JSON.parse(read(map)) as Record<string, string[] | undefined>;
      expect(sourcesContent, map).toHaveLength(sources!.length);
    }
  });

  it('has a licence and no tests, and is small', () => {
    expect(files()).toContain('LICENSE');
    expect(files().filter((file) => /\.test(-helper)?\./.test(file))).toEqual([]);
    expect(statSync(tarball).size).toBeLessThan(3e6);
  });
});

describe('the packed command line', () => {
  const { folder } = packages.gnoise;
  const elsewhere = temporaryFolder();
  const gnoise = (...args: string[]) =>
    exec(process.execPath, [join(folder, 'bin/gnoise.js'), ...args], { cwd: elsewhere });

  it('says its version', async () => {
    expect((await gnoise('-V')).stdout).toBe(`${versionOf('gnoise')}\n`);
  });

  it('finds the configs that it comes with, from any folder', async () => {
    expect((await gnoise('config', 'mnist20', '--profile', 'smoke')).stdout).toContain('mnist20');
  });

  it('exports the library, too', async () => {
    const program = "import { chain, sgd } from 'gnoise'; console.log(chain(sgd(1)).links.length)";
    const node = ['--input-type=module', '--eval', program];
    expect((await exec(process.execPath, node, { cwd: folder })).stdout).toBe('1\n');
  });
});
