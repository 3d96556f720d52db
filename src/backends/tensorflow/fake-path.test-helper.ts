import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** A folder of stand-ins for programs, to be the whole PATH of a test. */
export interface FakePath {
  readonly folder: string;
  readonly environment: { readonly [name: string]: string };
  /** Adds a shell script. */
  script(name: string, body: string): Promise<void>;
  /** Adds a real program of this machine. */
  real(name: string): Promise<void>;
}

/** A PATH with nothing on it but what a test adds, and a cache folder of its own, with a space in its name. */
export async function fakePath(): Promise<FakePath> {
  const root = await mkdtemp(join(tmpdir(), 'gnoise test '));
  const folder = join(root, 'bin');
  await mkdir(folder);
  return {
    folder,
    environment: { PATH: folder, GNOISE_CACHE: join(root, 'cache') },
    async script(name, body) {
      const path = join(folder, name);
      await writeFile(path, `#!/bin/sh\n${body}\n`);
      await chmod(path, 0o755);
    },
    async real(name) {
      const { stdout } = await execa('which', [name]);
      await symlink(stdout.trim(), join(folder, name));
    },
  };
}

export async function writeFiles(folder: string, files: { readonly [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
