import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { NoRegularFile, openRegular } from '../files/present.js';

/* What files of tensors share: their numbers as bytes, and reading that never believes a length before it is checked. */

/** One tensor on the host; for a population its shape begins with the replica axis. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: Float32Array | Int32Array;
}

/** Why a file is not to be used. */
export type Unreadable = {
  readonly ok: false;
  readonly reason: string;
  /** Whether its content is to blame: not that it is gone, closed to us, or another version's. */
  readonly isDamaged: boolean;
};

/** The content of a file is not what it was. */
export class Damage extends Error {}

const chunkBytes = 8 << 20;

/** What `work` makes of a regular file; whatever it throws is a reason not to use the file. */
export async function readBinary<T>(
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

/**
 * Fills a buffer from the handle's position on.
 * @throws Damage when the file ends before.
 */
export async function fill(handle: FileHandle, buffer: Buffer, hash?: Hash): Promise<Buffer> {
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
export function* chunks(buffer: Buffer): Generator<Buffer> {
  for (let start = 0; start < buffer.length; start += chunkBytes)
    yield buffer.subarray(start, start + chunkBytes);
}

/** The numbers where they lie, in this machine's byte order. */
export function bytesOf(data: Float32Array | Int32Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** Entries of a tensor of this shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
