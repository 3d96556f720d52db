import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../files/whole.js';

const fileSchema = z.object({
  bytes: z.number(),
  /** Milliseconds since 1970. */
  modified: z.number(),
  sha256: z.string(),
});

/** What is known of a file that is loaded. */
export type FileRecord = z.infer<typeof fileSchema>;

const manifestSchema = z.object({
  flavour: z.enum(['cpu', 'gpu']),
  tensorflowVersion: z.string(),
  /** Where every part came from; SHA-256 of the file as it was delivered. */
  sources: z.array(z.object({ name: z.string(), version: z.string(), file: z.string(), sha256: z.string() })),
  licence: z.string(),
  compiler: z.string(),
  node: z.string(),
  napi: z.number(),
  installedAt: z.string(),
  bytes: z.number(),
  /** What is loaded, by its path in the installation; older installations have no such records. */
  files: z.record(z.string(), fileSchema).optional(),
});

/** What is in an installation, where it came from and under which licence. */
export type Manifest = z.infer<typeof manifestSchema>;

const fileName = 'manifest.json';

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeWhole(join(folder, fileName), text, 'GNOISE_CACHE');
}

/** The manifest of an installation, or undefined where there is none that can be read. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8')));
  } catch {
    return undefined;
  }
}
