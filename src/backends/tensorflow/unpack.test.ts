import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../../errors.js';
import { writeFiles } from './fake-path.test-helper.js';
import { unpackTarball } from './unpack.js';

let folder: string;
let tarball: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gnoise Paket ✎ '));
  [tarball, target] = [join(folder, 'some-package-1.0.0.tgz'), join(folder, 'target')];
  await mkdir(target);
  await writeFiles(folder, { 'package/package.json': '{"version":"1.0.0"}', 'package/dist/index.js': '1;' });
  await create({ file: tarball, cwd: folder, gzip: true }, ['package']);
});
afterEach(() => rm(folder, { recursive: true }));

describe('a package as npm packs it', () => {
  it('is unpacked without the folder that all its files are in', async () => {
    await unpackTarball(tarball, target);
    expect((await readdir(target, { recursive: true })).sort()).toEqual([
      'dist',
      'dist/index.js',
      'package.json',
    ]);
    expect(await readFile(join(target, 'dist', 'index.js'), 'utf8')).toBe('1;');
  });

  it.each([
    ['is cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['is something else', () => Buffer.from('<html>Please log in</html>')],
  ])('that %s is refused by name', async (_, damage) => {
    await writeFile(tarball, damage(await readFile(tarball)));
    await expect(unpackTarball(tarball, target)).rejects.toThrow(UserError);
    await expect(unpackTarball(tarball, target)).rejects.toThrow(/1\.0\.0\.tgz could not be unpacked: \S+/);
  });

  it('says what stands in the way of the target', async () => {
    await writeFile(join(target, 'dist'), 'a file in the way');
    await expect(unpackTarball(tarball, join(target, 'dist'))).rejects.toThrow(
      /dist cannot be written.*GNOISE_CACHE/,
    );
  });
});
