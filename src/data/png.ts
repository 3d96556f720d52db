import { unzlibSync } from 'fflate';

/*
 * PNG as images of digits use it (ISO/IEC 15948): 8 bits of grey, not interlaced. Of MNIST there are 70,000, which take this a
 * second; the libraries that know all of PNG take five to twelve.
 */

/** Bits per sample, colour type, compression, filter method, interlace: the end of the header. */
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
  if (header.readUInt32BE(0) !== columns || header.readUInt32BE(4) !== rows || !isGrey)
    throw new Error(`it does not have ${rows} x ${columns} grey pixels`);
  // A row is led by the number of its filter; a bomb ends at the size that is wanted.
  const filtered = unzlibSync(compressed(bytes), { out: new Uint8Array(rows * (1 + columns)) });
  return unfiltered(filtered, rows, columns);
}

/** What the data chunks (IDAT) hold together. A chunk is its length, its type, as many bytes, and a checksum. */
function compressed(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** A pixel is stored as what it has above a prediction from those to the left (a), above (b) and above left (c), modulo 256. */
function unfiltered(filtered: Uint8Array, rows: number, columns: number): Uint8Array {
  const pixels = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const predict = filters[filtered[row * (1 + columns)]!];
    if (predict === undefined) throw new Error(`row ${row} has no filter of PNG's`);
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const a = column > 0 ? pixels[at - 1]! : 0;
      const b = row > 0 ? pixels[at - columns]! : 0;
      const c = column > 0 && row > 0 ? pixels[at - columns - 1]! : 0;
      pixels[at] = filtered[row * (1 + columns) + 1 + column]! + predict(a, b, c);
    }
  }
  return pixels;
}

const filters: readonly ((a: number, b: number, c: number) => number)[] = [
  () => 0,
  (a) => a,
  (_, b) => b,
  (a, b) => (a + b) >> 1,
  paeth,
];

/** Whichever of the three is nearest to a + b - c. */
function paeth(a: number, b: number, c: number): number {
  const [toA, toB, toC] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (toA <= toB && toA <= toC) return a;
  return toB <= toC ? b : c;
}
