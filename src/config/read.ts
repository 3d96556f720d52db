import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './problem.js';

const MAX_BYTES = 1 << 20;

/**
 * The text of a config file.
 * @throws ConfigError if there is none, or if it cannot be read, is not a file, is not UTF-8 or is over 1 MiB.
 */
export function readText(file: string): string {
  try {
    const stats = statSync(file);
    if (stats.isDirectory()) return refuse(file, 'this is a folder; name a config file in it.');
    if (!stats.isFile()) return refuse(file, 'this is not an ordinary file.');
    if (stats.size > MAX_BYTES) return refuse(file, 'a config of more than 1 MiB is surely a mistake.');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (error instanceof TypeError) return refuse(file, 'the file is not UTF-8 text.');
    return refuse(file, reason(error as NodeJS.ErrnoException));
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
