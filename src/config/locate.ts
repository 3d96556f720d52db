import { readdirSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suggest } from '../suggest.js';
import { ConfigError } from './problem.js';

const ENDING = '.yaml';

/**
 * The file that is meant by a path, or by a bare name such as `mnist20` from whatever folder: a file of the current folder, with
 * or without its ending, comes before a config that gnoise comes with.
 * @returns the path as it was given where there is such a file, else that of the config.
 * @throws ConfigError if it is a bare name that is neither; of a path that leads nowhere, reading tells.
 */
export function locateConfig(given: string): string {
  const kind = kindOf(given);
  if (given.trim() === '' && kind === 'none')
    throw problem(given, 'its name is blank: is a variable of your script not set?');
  if (kind === 'file' || basename(given) !== given) return given;
  if (kindOf(given + ENDING) === 'file') return given + ENDING;
  const name = extname(given) === ENDING ? basename(given, ENDING) : given;
  const known = shippedNames();
  if (known.includes(name)) return fileURLToPath(new URL(`${name}${ENDING}`, SHIPPED));
  // A folder: reading says so.
  if (kind === 'folder') return given;
  throw problem(given, absence(name, known));
}

function problem(file: string, message: string): ConfigError {
  return new ConfigError([{ kind: 'other', origin: { file }, path: '', message }]);
}

/** The folder of the package; the same way up from the source and from what is built. */
const SHIPPED = new URL('../../configs/', import.meta.url);

/** Names of the configs that gnoise comes with, in order. */
export function shippedNames(): string[] {
  const files = readdirSync(SHIPPED).filter((file) => extname(file) === ENDING);
  return files.map((file) => basename(file, ENDING)).sort();
}

function absence(name: string, known: readonly string[]): string {
  const suggestion = suggest(name, known);
  const hint =
    suggestion === undefined ? `those it comes with are ${known.join(', ')}.` : `did you mean ${suggestion}?`;
  return `there is no such file, and gnoise comes with no config of that name; ${hint}`;
}

function kindOf(path: string): 'file' | 'folder' | 'none' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    // One that is there and cannot be looked at is not passed over: reading it says why.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : 'file';
  }
}
