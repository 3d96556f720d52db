import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { z } from 'zod';
import { excerpt } from '../excerpt.js';
import { bytesOf, chunks, countOf, Damage, fill } from './binary.js';

/*
 * Safetensors, as Hugging Face publishes the format (https://huggingface.co/docs/safetensors, "Format"):
 *   8 bytes   length of the header, uint64 little-endian
 *   header    UTF-8 JSON, padded with spaces: { "__metadata__": { text: text },
 *             name: { dtype, shape, data_offsets: [begin, end] } }, offsets from the end of the header
 *   tensors   their raw little-endian bytes without holes, row-major
 * Of its types only F32 is needed here.
 */

/** A float32 tensor on the host. */
export interface FloatTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

/** What a safetensors file holds. */
export interface Safetensors {
  readonly metadata: { readonly [key: string]: string };
  readonly tensors: readonly FloatTensor[];
}

const LENGTH_BYTES = 8;
/** Tensors begin at a multiple of this, so that other programs can map the file and use it as it lies there. */
const ALIGNMENT = 8;
/** The format's own limit. */
const MOST_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

const offset = z.int().nonnegative();
const entry = z.object({
  dtype: z.string(),
  shape: z.array(offset),
  data_offsets: z.tuple([offset, offset]),
});
const header = z.object({ [METADATA]: z.record(z.string(), z.string()).default({}) }).catchall(entry);

/** The bytes of a file, piece by piece; tensors are taken from where they lie and must not change meanwhile. */
export function* encodeSafetensors({ metadata, tensors }: Safetensors): Generator<Uint8Array> {
  let end = 0;
  const entries = tensors.map(({ name, shape, data }) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const text = Buffer.from(JSON.stringify({ [METADATA]: metadata, ...Object.fromEntries(entries) }));
  const padded = Buffer.alloc(Math.ceil(text.length / ALIGNMENT) * ALIGNMENT, ' ');
  text.copy(padded);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(padded.length));
  yield length;
  yield padded;
  for (const { data } of tensors) yield* chunks(littleEndian(data));
}

/**
 * Reads a file from its start.
 * @throws Damage, in a few words, for what is not such a file, or has other types than F32.
 */
export async function decodeSafetensors(handle: FileHandle): Promise<Safetensors> {
  const { size } = await handle.stat();
  if (size < LENGTH_BYTES) throw new Damage('not a safetensors file');
  const length = (await fill(handle, Buffer.alloc(LENGTH_BYTES))).readBigUInt64LE();
  if (length > MOST_HEADER_BYTES) throw new Damage('not a safetensors file');
  if (length > size - LENGTH_BYTES) throw new Damage('cut off in its header');
  const text = await fill(handle, Buffer.alloc(Number(length)));
  const { [METADATA]: metadata, ...entries } = parseHeader(text.toString());
  const tensors: FloatTensor[] = [];
  for (const { name, shape } of inOrder(entries, size - LENGTH_BYTES - Number(length))) {
    const data = new Float32Array(countOf(shape));
    const bytes = await fill(handle, bytesOf(data));
    if (endianness() === 'BE') bytes.swap32();
    tensors.push({ name, shape, data });
  }
  return { metadata, tensors };
}

function parseHeader(text: string): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(text));
  } catch {
    throw new Damage('its header is damaged, or the file is none of safetensors');
  }
}

/** Tensors as they lie in the file, which is known to be as long as they need: nothing is allocated before. */
function inOrder(entries: { readonly [name: string]: z.infer<typeof entry> }, bytes: number) {
  const tensors = Object.entries(entries)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => ({ name, dtype, shape, begin, end }),
    )
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const { name, dtype, shape, begin, end } of tensors) {
    if (dtype !== 'F32') throw new Damage(`tensor ${excerpt(name)} is of type ${excerpt(dtype)}, not F32`);
    if (begin !== expected || end - begin !== 4 * countOf(shape))
      throw new Damage(`its header is damaged at tensor ${excerpt(name)}`);
    expected = end;
  }
  if (bytes !== expected)
    throw new Damage(`${bytes} bytes of tensors instead of ${expected}: cut off or damaged`);
  return tensors;
}

/** Numbers as bytes in the file's order; a copy only where this machine has another. */
export function littleEndian(data: Float32Array): Buffer {
  return endianness() === 'LE' ? bytesOf(data) : Buffer.from(bytesOf(data)).swap32();
}
