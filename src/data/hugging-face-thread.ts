import { parentPort, workerData } from 'node:worker_threads';
import { optional } from '../optional.js';
import type { Reading } from './hugging-face.js';
import { greyPixels } from './png.js';

// A thread that reads one column of a file, and answers with an IDX file or with why there is none.

/** Rows of MNIST's larger half: a file that announces more is not read. */
const MOST_ROWS = 60_000;

const { format, column, bytes } = workerData as Reading;
try {
  const values = await { parquet, arrow }[format]();
  parentPort!.postMessage({ idx: column === 'label' ? labels(values) : images(values as ArrayLike<Image>) });
} catch (error) {
  parentPort!.postMessage({ fault: (error as Error).message });
}

async function parquet(): Promise<ArrayLike<unknown>> {
  const { parquetMetadata, parquetReadObjects } = await load('hyparquet', () => import('hyparquet'));
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  checkRows(Number(metadata.num_rows));
  const rows = await parquetReadObjects({ file, metadata, columns: [column], utf8: false });
  return rows.map((row) => row[column]);
}

async function arrow(): Promise<ArrayLike<unknown>> {
  const { tableFromIPC } = await load('@uwdata/flechette', () => import('@uwdata/flechette'));
  const table = tableFromIPC(bytes);
  checkRows(table.numRows);
  if (!table.names.includes(column)) throw new Error('there is no column of this name');
  return table.getChild(column).toArray();
}

function checkRows(rows: number): void {
  if (rows > MOST_ROWS) throw new Error(`there are ${rows} rows, and MNIST has at most ${MOST_ROWS}`);
}

interface ImageStruct {
  readonly bytes?: Uint8Array;
}
type Image = ImageStruct | null;

function labels(values: ArrayLike<unknown>): Buffer {
  const header = words(2049, values.length);
  return Buffer.concat([header, Uint8Array.from(values, (label) => Number(label))]);
}

function images(values: ArrayLike<Image>): Buffer {
  const size = 28 * 28;
  const header = words(2051, values.length, 28, 28);
  const idx = Buffer.alloc(header.length + size * values.length);
  header.copy(idx);
  for (let row = 0; row < values.length; row++)
    idx.set(pixels(values[row]?.bytes ?? null, row), header.length + size * row);
  return idx;
}

function pixels(png: Uint8Array | null, row: number): Uint8Array {
  if (png === null) throw new Error(`row ${row} holds no image`);
  try {
    return greyPixels(png, 28, 28);
  } catch (error) {
    throw new Error(`the image of row ${row} cannot be used: ${(error as Error).message}`);
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
