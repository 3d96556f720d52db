import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { listFolder } from '../files/present.js';
import { removeLeftovers, writeWhole } from '../files/whole.js';
import type { Json } from '../json.js';
import {
  bytesOf,
  chunks,
  countOf,
  Damage,
  fill,
  readBinary,
  type StoredTensor,
  type Unreadable,
} from './binary.js';

/*
 * A checkpoint is one file:
 *   8 bytes   magic, `gnoiseCP`
 *   4 bytes   format version, uint32 little-endian
 *   4 bytes   length of the header in bytes, uint32 little-endian
 *   header    UTF-8 JSON: { byteOrder, header, tensors: [{ name, shape, dtype }] }
 *   tensors   their raw bytes, one after another, in that order
 *   32 bytes  SHA-256 of everything before
 */
const magic = 'gnoiseCP';
const version = 2;
const preludeBytes = 16;
const digestBytes = 32;
const ending = '.checkpoint';

/** The state of a population: what the host knows, as JSON (NaN and infinities allowed), and its tensors. */
export interface Checkpoint {
  readonly header: Json;
  readonly tensors: readonly StoredTensor[];
}

/** A checkpoint, or why there is none. */
export type CheckpointRead = ({ readonly ok: true } & Checkpoint) | Unreadable;

const layout = z.object({
  byteOrder: z.enum(['LE', 'BE']),
  header: z.unknown(),
  tensors: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int().nonnegative()),
      dtype: z.enum(['float32', 'int32']),
    }),
  ),
});

/** Path of a checkpoint by name, e.g. of its population. */
export function checkpointFile(folder: string, name: string): string {
  return join(folder, `${name}${ending}`);
}

/** Checkpoints in a folder, as paths. */
export async function checkpointFiles(folder: string): Promise<string[]> {
  const names = await listFolder(folder);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/**
 * Replaces a checkpoint, whole or not at all. Tensor data is written from where it lies and must not change meanwhile.
 * @throws UserError when the disk is full or the folder cannot be written to.
 */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  for (const { name, shape, data } of checkpoint.tensors) {
    if (data.length !== countOf(shape)) {
      throw new Error(`Tensor ${name} of shape [${shape.join(', ')}] has ${data.length} values.`);
    }
  }
  await removeLeftovers(dirname(file));
  await writeWhole(file, serialise(checkpoint), '--results');
}

/** Reads a checkpoint back; a torn, damaged or foreign file gives a reason and nothing of its content. */
export async function readCheckpoint(file: string): Promise<CheckpointRead> {
  return readBinary(file, async (handle) => ({ ok: true, ...(await deserialise(handle)) }));
}

/**
 * The header alone, for looking through many large checkpoints. It is not held against the checksum: before anything is
 * made of the file, read it whole.
 */
export async function readHeader(file: string): Promise<{ ok: true; header: Json } | Unreadable> {
  return readBinary(file, async (handle) => {
    const { header } = await readStart(handle, createHash('sha256'));
    return { ok: true, header: header as Json };
  });
}

function* serialise({ header, tensors }: Checkpoint): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const listed = tensors.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
  const text = Buffer.from(
    JSON.stringify({ byteOrder: endianness(), header, tensors: listed }, markNonFinite),
  );
  const prelude = Buffer.alloc(preludeBytes);
  prelude.write(magic, 'latin1');
  prelude.writeUInt32LE(version, 8);
  prelude.writeUInt32LE(text.length, 12);
  for (const part of [prelude, text, ...tensors.map(({ data }) => bytesOf(data))]) {
    for (const chunk of chunks(part)) {
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

async function deserialise(handle: FileHandle): Promise<Checkpoint> {
  const hash = createHash('sha256');
  const { header, listed } = await readStart(handle, hash);
  const tensors: StoredTensor[] = [];
  for (const { name, shape, dtype } of listed) {
    const data = dtype === 'float32' ? new Float32Array(countOf(shape)) : new Int32Array(countOf(shape));
    await fill(handle, bytesOf(data), hash);
    tensors.push({ name, shape, dtype, data });
  }
  const digest = await fill(handle, Buffer.alloc(digestBytes));
  if (!digest.equals(hash.digest())) throw new Damage('its checksum is wrong: the file is damaged');
  return { header: header as Json, tensors };
}

/** What comes before the tensors; the file is known to be as long as it says. */
async function readStart(handle: FileHandle, hash: Hash) {
  const { size } = await handle.stat();
  const prelude = await fill(handle, Buffer.alloc(preludeBytes), hash);
  if (prelude.toString('latin1', 0, 8) !== magic) throw new Damage('not a gnoise checkpoint');
  const found = prelude.readUInt32LE(8);
  if (found !== version) throw new Error(`checkpoint format ${found}; this gnoise reads ${version}`);
  const headerBytes = prelude.readUInt32LE(12);
  if (preludeBytes + headerBytes + digestBytes > size) throw new Damage('cut off in its header');
  const text = await fill(handle, Buffer.alloc(headerBytes), hash);
  const parsed = layout.safeParse(parseJson(text.toString()));
  if (!parsed.success) throw new Damage('its header is damaged');
  const { byteOrder, header, tensors: listed } = parsed.data;
  if (byteOrder !== endianness()) throw new Error(`written on a machine of byte order ${byteOrder}`);
  // Checked before anything large is allocated.
  const expected = listed.reduce((sum, { shape }) => sum + 4 * countOf(shape), 0);
  const actual = size - preludeBytes - headerBytes - digestBytes;
  if (actual !== expected)
    throw new Damage(`${actual} bytes of tensors instead of ${expected}: cut off or damaged`);
  return { header, listed };
}

/** JSON has no NaN and no infinities: they travel as `{ "$number": "NaN" }`. */
function markNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value) =>
      value !== null && typeof value === 'object' && '$number' in value ? Number(value.$number) : value,
    );
  } catch {
    return undefined;
  }
}
