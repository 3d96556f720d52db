import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { missingPlatforms, PLATFORMS, prebuild } from './native-platforms.js';

const folder = mkdtempSync(join(tmpdir(), 'gnoise-platforms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a platform is missing until its native kernels are there', () => {
  expect(missingPlatforms(folder)).toEqual(PLATFORMS);
  mkdirSync(dirname(prebuild('darwin-arm64', folder)), { recursive: true });
  writeFileSync(prebuild('darwin-arm64', folder), '');
  expect(missingPlatforms(folder)).toEqual(PLATFORMS.filter((platform) => platform !== 'darwin-arm64'));
});

test('what is published without some platform is stopped, with its name', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/check-prebuilds.js'], {
    encoding: 'utf8',
  });
  const missing = missingPlatforms();
  expect(status).toBe(missing.length > 0 ? 1 : 0);
  for (const platform of missing) expect(stderr).toContain(platform);
});

test.skipIf(!existsSync(prebuild(`${process.platform}-${process.arch}`)))(
  'a package that is unpacked and nothing more loads the native kernels that it carries',
  () => {
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [{ filename }] = JSON.parse(execFileSync('npm', pack, { encoding: 'utf8' }));
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder]);
    const addon = join(folder, 'package/dist/kernels/native/addon.js');
    // Its dependencies are those of this checkout.
    const print = `import(${JSON.stringify(addon)}).then((m) => console.log(m.instructionSets().join()))`;
    const sets = execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' }).trim();
    expect(sets).not.toBe('');
  },
);
