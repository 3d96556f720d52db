import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateConfig, shippedNames } from './locate.js';

const home = process.cwd();
let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'gnoise ünïcode % ')));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

describe('a config', () => {
  it('that gnoise comes with is found by its name from any folder', () => {
    expect(shippedNames()).toContain('mnist20');
    for (const name of shippedNames())
      for (const given of [name, `${name}.yaml`])
        expect(locateConfig(given)).toBe(join(home, 'configs', `${name}.yaml`));
  });

  it('of the current folder comes first, with and without its ending', () => {
    writeFileSync('mnist20.yaml', '');
    expect(locateConfig('mnist20.yaml')).toBe('mnist20.yaml');
    expect(locateConfig('mnist20')).toBe('mnist20.yaml');
    writeFileSync('mnist20', '');
    expect(locateConfig('mnist20')).toBe('mnist20');
  });

  it('is not a folder of the same name', () => {
    mkdirSync('mnist20');
    expect(dirname(locateConfig('mnist20'))).toBe(join(home, 'configs'));
    mkdirSync('other');
    expect(locateConfig('other')).toBe('other');
  });

  it('named by a path is that file and no other', () => {
    for (const path of ['./mnist20', 'configs/mnist20.yaml', join(folder, 'mnist20.yaml')])
      expect(locateConfig(path)).toBe(path);
  });

  it('of an unknown name is refused, with the name that was probably meant or all there are', () => {
    expect(() => locateConfig('mnist2')).toThrow('did you mean mnist20?');
    expect(() => locateConfig('nmist20.yaml')).toThrow('did you mean mnist20?');
    expect(() => locateConfig('zebra')).toThrow(`those it comes with are ${shippedNames().join(', ')}.`);
    expect(() => locateConfig('')).toThrow('its name is blank');
    expect(basename(locateConfig('babi'))).toBe('babi.yaml');
  });
});
