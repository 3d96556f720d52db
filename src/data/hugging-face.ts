import { UserError } from '../errors.js';
import { optional } from '../optional.js';
import { Unpackable } from './look.js';
import { greyPixels } from './png.js';

/*
 * MNIST as Hugging Face keeps it: a row for each digit, its image as a PNG file and its label, in Parquet files on the hub and in
 * Arrow files where `datasets` has loaded them. The pixels, in order, are those of the published files, whose checksum tells.
 */

/** `image` is a struct { bytes, path }, `label` an integer. */
export type Column = 'image' | 'label';

/** Rows of MNIST's larger half: a file that announces more is not read. */
const MOST_ROWS = 60_000;

/**
 * A column of a Parquet file, as the IDX file that has the same values in the same order.
 * @throws Unpackable when the file is damaged, or has no such column.
 */
export function idxFromParquet(parquet: Buffer, column: Column): Promise<Buffer> {
  return idxFrom(column, parquet, async () => {
    const { parquetMetadata, parquetReadObjects } = await load('hyparquet', () => import('hyparquet'));
    const file = new Uint8Array(parquet).buffer;
    const metadata = parquetMetadata(file);
    checkRows(Number(metadata.num_rows));
    const rows = await parquetReadObjects({ file, metadata, columns: [column], utf8: false });
    return rows.map((row) => row[column]);
  });
}

/** As `idxFromParquet`, from an Arrow file or stream. */
export function idxFromArrow(arrow: Buffer, column: Column): Promise<Buffer> {
  return idxFrom(column, arrow, async () => {
    const { tableFromIPC } = await load('@uwdata/flechette', () => import('@uwdata/flechette'));
    const table = tableFromIPC(arrow);
    checkRows(table.numRows);
    if (!table.names.includes(column)) throw new Error('there is none of this name');
    return table.getChild(column).toArray();
  });
}

async function idxFrom(column: Column, stored: Buffer, read: () => Promise<ArrayLike<unknown>>) {
  if (stored.toString('latin1', 0, 40).startsWith('version https://git-lfs'))
    throw new Unpackable(
      "it is a pointer of Git LFS, not the file: 'git lfs pull' in its folder fetches that",
    );
  let values: ArrayLike<unknown>;
  try {
    values = await read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new Unpackable(`its column ${column} cannot be read: ${(error as Error).message}`);
  }
  return column === 'label' ? labels(values) : images(values as ArrayLike<{ bytes?: Uint8Array } | null>);
}

function checkRows(rows: number): void {
  if (rows > MOST_ROWS) throw new Error(`there are ${rows} rows, and MNIST has at most ${MOST_ROWS}`);
}

function labels(values: ArrayLike<unknown>): Buffer {
  const header = words(2049, values.length);
  return Buffer.concat([header, Uint8Array.from(values, (label) => Number(label))]);
}

function images(values: ArrayLike<{ bytes?: Uint8Array } | null>): Buffer {
  const size = 28 * 28;
  const header = words(2051, values.length, 28, 28);
  const idx = Buffer.alloc(header.length + size * values.length);
  header.copy(idx);
  for (let row = 0; row < values.length; row++)
    idx.set(pixels(values[row]?.bytes ?? null, row), header.length + size * row);
  return idx;
}

function pixels(png: Uint8Array | null, row: number): Uint8Array {
  if (png === null) throw new Unpackable(`row ${row} holds no image`);
  try {
    return greyPixels(png, 28, 28);
  } catch (error) {
    throw new Unpackable(`the image of row ${row} cannot be used: ${(error as Error).message}`);
  }
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

function load<Loaded>(name: string, from: () => Promise<Loaded>): Promise<Loaded> {
  return optional("Hugging Face's files of MNIST", [name], from);
}
