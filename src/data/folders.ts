import { resolve } from 'node:path';
import { cacheFolder, type Environment } from '../files/cache-folder.js';

/**
 * The folders in which data is looked for, first match wins: `--data`, GNOISE_DATA, the cache folder.
 * Downloads go into the first of them.
 * @param option the value of `--data`, if it was given.
 */
export function dataFolders(option?: string, environment: Environment = process.env): string[] {
  const named = [option, environment.GNOISE_DATA].flatMap((folder) => (folder ? resolve(folder) : []));
  return [...new Set([...named, cacheFolder(environment)])];
}
