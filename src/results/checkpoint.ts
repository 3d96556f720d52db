import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { listFolder, NoRegularFile, openRegular } from '../files/present.js';
import { removeLeftovers, writeWhole } from '../files/whole.js';
import type { Json } from '../json.js';

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
const chunkBytes = 8 << 20;
const ending = '.checkpoint';

/** One tensor on the host; for a population its shape begins with the replica axis. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: Float32Array | Int32Array;
}

/** The state of a population: what the host knows, as JSON (NaN and infinities allowed), and its tensors. */
export interface Checkpoint {
  readonly header: Json;
  readonly tensors: readonly StoredTensor[];
}

/** Why a file is not to be used. */
export type Unreadable = {
  readonly ok: false;
  readonly reason: string;
  /** Whether its content is to blame: not that it is gone, closed to us, or another version's. */
  readonly isDamaged: boolean;
};
export type CheckpointRead = ({ readonly ok: true } & Checkpoint) | Unreadable;

/** The content of a file is not what it was. */
class Damage extends Error {}

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
    if (data.length !== count(shape)) {
      throw new Error(`Tensor ${name} of shape [${shape.join(', ')}] has ${data.length} values.`);
    }
  }
  await removeLeftovers(dirname(file));
  await writeWhole(file, serialise(checkpoint), '--results');
}

/** Reads a checkpoint back; a torn, damaged or foreign file gives a reason and nothing of its content. */
export async function readCheckpoint(file: string): Promise<CheckpointRead> {
  return withHandle(file, async (handle) => ({ ok: true, ...(await deserialise(handle)) }));
}

/**
 * The header alone, for looking through many large checkpoints. It is not held against the checksum: before anything is
 * made of the file, read it whole.
 */
export async function readHeader(file: string): Promise<{ ok: true; header: Json } | Unreadable> {
  return withHandle(file, async (handle) => {
    const { header } = await readStart(handle, createHash('sha256'));
    return { ok: true, header: header as Json };
  });
}

async function withHandle<T>(
  file: string,
  work: (handle: FileHandle) => Promise<T>,
): Promise<T | Unreadable> {
  try {
    const handle = await openRegular(file);
    return await work(handle).finally(() => handle.close());
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : message(error);
    return { ok: false, reason, isDamaged: error instanceof Damage || error instanceof NoRegularFile };
  }
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
    const data = dtype === 'float32' ? new Float32Array(count(shape)) : new Int32Array(count(shape));
    await read(handle, bytesOf(data), hash);
    tensors.push({ name, shape, dtype, data });
  }
  const digest = await read(handle, Buffer.alloc(digestBytes));
  if (!digest.equals(hash.digest())) throw new Damage('its checksum is wrong: the file is damaged');
  return { header: header as Json, tensors };
}

/** What comes before the tensors; the file is known to be as long as it says. */
async function readStart(handle: FileHandle, hash: Hash) {
  const { size } = await handle.stat();
  const prelude = await read(handle, Buffer.alloc(preludeBytes), hash);
  if (prelude.toString('latin1', 0, 8) !== magic) throw new Damage('not a gnoise checkpoint');
  const found = prelude.readUInt32LE(8);
  if (found !== version) throw new Error(`checkpoint format ${found}; this gnoise reads ${version}`);
  const headerBytes = prelude.readUInt32LE(12);
  if (preludeBytes + headerBytes + digestBytes > size) throw new Damage('cut off in its header');
  const text = await read(handle, Buffer.alloc(headerBytes), hash);
  const parsed = layout.safeParse(parseJson(text.toString()));
  if (!parsed.success) throw new Damage('its header is damaged');
  const { byteOrder, header, tensors: listed } = parsed.data;
  if (byteOrder !== endianness()) throw new Error(`written on a machine of byte order ${byteOrder}`);
  // Checked before anything large is allocated.
  const expected = listed.reduce((sum, { shape }) => sum + 4 * count(shape), 0);
  const actual = size - preludeBytes - headerBytes - digestBytes;
  if (actual !== expected)
    throw new Damage(`${actual} bytes of tensors instead of ${expected}: cut off or damaged`);
  return { header, listed };
}

/** Fills a buffer from the handle's position on. */
async function read(handle: FileHandle, buffer: Buffer, hash?: Hash): Promise<Buffer> {
  for (const chunk of chunks(buffer)) {
    let done = 0;
    while (done < chunk.length) {
      const { bytesRead } = await handle.read(chunk, done, chunk.length - done);
      if (bytesRead === 0) throw new Damage('cut off');
      done += bytesRead;
    }
    hash?.update(chunk);
  }
  return buffer;
}

/** Views, not copies: hashing and writing go piece by piece, so that a large tensor does not hold up the process. */
function* chunks(buffer: Buffer): Generator<Buffer> {
  for (let start = 0; start < buffer.length; start += chunkBytes)
    yield buffer.subarray(start, start + chunkBytes);
}

function bytesOf(data: Float32Array | Int32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
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

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
