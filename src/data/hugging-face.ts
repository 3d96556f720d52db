import { Worker } from 'node:worker_threads';
import { excerpt } from '../excerpt.js';
import { Unpackable } from './look.js';

/*
 * MNIST as Hugging Face keeps it: a row for each digit, its image as a PNG file and its label, in Parquet files on the hub and in
 * Arrow files where `datasets` has loaded them. The pixels, in order, are those of the published files, whose checksum tells.
 */

/** `image` is a struct { bytes, path }, `label` an integer. */
export type Column = 'image' | 'label';

/** What the thread is asked for. */
export interface Reading {
  readonly format: 'parquet' | 'arrow';
  readonly column: Column;
  readonly bytes: Uint8Array;
}

/** MNIST takes a few hundred MB and some seconds. */
const MOST_MEGABYTES = 1500;
const MOST_SECONDS = 60;

/**
 * A column of a file, as the IDX file that has the same values in the same order. It is read in a thread: one wrong byte makes the
 * readers of these formats fill all memory or run for ever, which is then the end of the thread only.
 * @throws Unpackable when the file is damaged, or has no such column.
 */
export async function idxFromTable(
  format: Reading['format'],
  bytes: Uint8Array,
  column: Column,
): Promise<Buffer> {
  if (Buffer.from(bytes.subarray(0, 40)).toString('latin1').startsWith('version https://git-lfs'))
    throw new Unpackable(
      "it is a pointer of Git LFS, not the file: 'git lfs pull' in its folder fetches that",
    );
  const { idx, fault } = await inThread({ format, column, bytes });
  if (idx !== undefined) return Buffer.from(idx);
  throw new Unpackable(`its column ${column} cannot be read: ${excerpt(fault ?? '', 200)}`);
}

interface Answer {
  readonly idx?: Uint8Array;
  readonly fault?: string;
}

async function inThread(workerData: Reading): Promise<Answer> {
  const resourceLimits = { maxOldGenerationSizeMb: MOST_MEGABYTES };
  const thread = new Worker(new URL('./hugging-face-thread.js', import.meta.url), {
    workerData,
    resourceLimits,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve) => {
      const fault = (message: string) => resolve({ fault: message });
      timer = setTimeout(() => fault(`it takes more than ${MOST_SECONDS} s`), 1000 * MOST_SECONDS);
      thread.once('message', resolve);
      thread.once('error', (error: Error) => fault(error.message));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
