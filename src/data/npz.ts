import { promisify } from 'node:util';
import { type Unzipped, unzip } from 'fflate';
import { Unpackable } from './look.js';

/** Bytes of the largest array that is taken out of an archive: above MNIST's 47 MB. */
const LARGEST = 2 ** 26;

/**
 * An array of unsigned bytes out of a NumPy archive (.npz), as the IDX file that has the same values in the same order.
 * @returns null where the archive has no such array.
 * @throws Unpackable when the archive is damaged, or its array is of another type or order.
 */
export async function idxFromNpz(npz: Buffer, array: string): Promise<Buffer | null> {
  const name = `${array}.npy`;
  const filter = (file: { name: string; originalSize: number }) =>
    file.name === name && file.originalSize <= LARGEST;
  let files: Unzipped;
  try {
    files = await promisify<Uint8Array, object, Unzipped>(unzip)(npz, { filter });
  } catch (error) {
    throw new Unpackable(`it cannot be unzipped: ${(error as Error).message}`);
  }
  const npy = files[name];
  return npy === undefined ? null : idxFromNpy(Buffer.from(npy.buffer, npy.byteOffset, npy.length), array);
}

/** See numpy.lib.format: a magic string, the version, the length of a header that is a Python dictionary, the values. */
function idxFromNpy(npy: Buffer, array: string): Buffer {
  if (npy.length < 12 || npy.toString('latin1', 0, 6) !== '\x93NUMPY')
    throw new Unpackable(`its ${array} is no array of NumPy's`);
  const start = npy[6] === 1 ? 10 : 12;
  const end = start + (npy[6] === 1 ? npy.readUInt16LE(8) : npy.readUInt32LE(8));
  const header = npy.toString('latin1', start, end);
  const shape = /'shape':\s*\(([\d,\s]+)\)/.exec(header)?.[1]?.match(/\d+/g)?.map(Number);
  if (!/'descr':\s*'\|u1'/.test(header) || !/'fortran_order':\s*False/.test(header) || shape === undefined)
    throw new Unpackable(`its ${array} is no array of unsigned bytes, row by row`);
  const words = Buffer.alloc(4 * (1 + shape.length));
  [0x0800 + shape.length, ...shape].forEach((word, i) => {
    words.writeUInt32BE(word % 2 ** 32, 4 * i);
  });
  return Buffer.concat([words, npy.subarray(end)]);
}
