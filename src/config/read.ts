import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { ConfigError } from './problem.js';

/** The largest of the configs that gnoise comes with has 4 KiB. */
const MAX_BYTES = 128 * 1024;

/**
 * The text of a config file.
 * @throws ConfigError if there is none, or if it cannot be read, is not a file, is not UTF-8 or is over 128 KiB.
 */
export function readText(file: string): string {
  try {
    // Before it is opened: opening a pipe would wait for somebody to write into it.
    const stats = statSync(file);
    if (stats.isDirectory()) return refuse(file, 'this is a folder; name a config file in it.');
    if (!stats.isFile()) return refuse(file, 'this is not an ordinary file.');
    const bytes = readBytes(file);
    if (bytes.length > MAX_BYTES)
      return refuse(file, `a config of more than ${MAX_BYTES / 1024} KiB is surely a mistake.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError) return refuse(file, 'the file is not UTF-8 text.');
    return refuse(file, reason(error as NodeJS.ErrnoException));
  }
}

/** At most one byte more than a config may have: what a file says of its size is not always true. */
function readBytes(file: string): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = new Uint8Array(MAX_BYTES + 1);
    let length = 0;
    let read: number;
    do {
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
      length += read;
    } while (read > 0);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function reason(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return 'there is no such file.';
  if (error.code === 'EACCES' || error.code === 'EPERM') return 'the file cannot be read: permission denied.';
  return `the file cannot be read: ${error.message}.`;
}

function refuse(file: string, message: string): never {
  throw new ConfigError([{ kind: 'other', origin: { file }, path: '', message }]);
}
