import { PNG } from 'pngjs';

/** Bits per sample, colour type, compression, filter method, interlace: the end of the header of an image of grey pixels. */
const GREY = Buffer.of(8, 0, 0, 0, 0);

/**
 * The pixels of an image, row by row.
 * @throws Error when it is not one of grey pixels and this size, or damaged.
 */
export function greyPixels(png: Uint8Array, rows: number, columns: number): Uint8Array {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const header = bytes.subarray(16, 29);
  if (bytes.toString('latin1', 1, 4) !== 'PNG' || bytes.length < 33) throw new Error('it is no PNG file');
  const isGrey = header.subarray(8).equals(GREY);
  // Looked at before anything is unpacked.
  if (header.readUInt32BE(0) !== columns || header.readUInt32BE(4) !== rows || !isGrey)
    throw new Error(`it does not have ${rows} x ${columns} grey pixels`);
  // Red, green, blue and alpha of each pixel; red is the grey.
  const { data } = PNG.sync.read(bytes);
  return Uint8Array.from({ length: rows * columns }, (_, i) => data[4 * i]!);
}
