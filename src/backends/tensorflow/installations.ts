import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../../files/cache-folder.js';
import { backendsFolder } from './folders.js';
import { type Manifest, readManifest } from './manifest.js';

/** One native TensorFlow in the cache folder. */
export interface Installation {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The installations for this platform in the cache folder, newest TensorFlow first. */
export async function findInstallations(environment: Environment = process.env): Promise<Installation[]> {
  const parent = backendsFolder(environment);
  const names = await readdir(parent).catch(() => []);
  const suffix = `-${process.platform}-${process.arch}`;
  const found: Installation[] = [];
  for (const name of names.filter((name) => name.startsWith('tensorflow-') && name.endsWith(suffix))) {
    const folder = join(parent, name);
    const manifest = await readManifest(folder);
    if (manifest) found.push({ folder, manifest });
  }
  const newest = new Intl.Collator('en', { numeric: true });
  return found.sort((a, b) => newest.compare(b.manifest.tensorflowVersion, a.manifest.tensorflowVersion));
}

export async function removeInstallation({ folder }: Installation): Promise<void> {
  await rm(folder, { recursive: true });
}
