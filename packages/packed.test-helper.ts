import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as tar from 'tar';
import { afterAll, beforeAll } from 'vitest';
import { build, type Package } from '../src/build.test-helper.js';

export const exec = promisify(execFile);

/** A folder that is gone after the tests of a file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gnoise-packages-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Packed {
  readonly tarball: string;
  /** Unpacked beside what is installed here, so that it finds what it depends on. */
  readonly folder: string;
}

/** Builds and packs a package of this repository before the tests of a file. */
export function usePacked(name: Package): Packed {
  const place = temporaryFolder();
  const tarball = join(place, `${name}-${versionOf(name)}.tgz`);
  const folder = join(place, 'package');
  beforeAll(async () => {
    await build(name);
    const own = name === 'gnoise' ? [] : ['--workspace', name];
    await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', place, ...own]);
    await tar.extract({ file: tarball, cwd: place });
    symlinkSync(resolve('node_modules'), join(place, 'node_modules'));
  });
  return { tarball, folder };
}

export function versionOf(name: Package): string {
  const file = name === 'gnoise' ? 'package.json' : `packages/${name}/package.json`;
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
