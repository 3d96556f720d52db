import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sha256OfFile } from '../../files/sha256.js';
import { type FileRecord, readManifest } from './manifest.js';

/** What runs in the process: libraries, bindings and the Node part. */
const LOADED = /\.(so(\.[\d.]+)?|node|js|json)$/;

/** What is known of every file of an installation that will be loaded, by its path in it. */
export async function recordFiles(folder: string): Promise<Record<string, FileRecord>> {
  const records: Record<string, FileRecord> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !LOADED.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await stat(path);
    records[relative(folder, path)] = { bytes: size, modified: mtimeMs, sha256: await sha256OfFile(path) };
  }
  return records;
}

/**
 * The first file that is no longer the one that was installed; null where there is none, and of installations that are older than
 * their records. A library of a gigabyte is not hashed each time: only where its time tells that it was written to, or copied.
 * NVIDIA's libraries may be left behind as a whole, where an installation is copied to a machine that has its own.
 */
export async function damagedFile(folder: string): Promise<string | null> {
  const files = (await readManifest(folder))?.files ?? {};
  const ownNvidia = existsSync(join(folder, 'nvidia'));
  for (const [name, { bytes, modified, sha256 }] of Object.entries(files)) {
    if (!ownNvidia && name.startsWith('nvidia/')) continue;
    const path = join(folder, name);
    const now = await stat(path).catch(() => null);
    if (now === null || now.size !== bytes) return path;
    if (now.mtimeMs !== modified && (await sha256OfFile(path)) !== sha256) return path;
  }
  return null;
}
