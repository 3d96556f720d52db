import { resolve } from 'node:path';
import envPaths from 'env-paths';

/**
 * The folders in which data is looked for, first match wins: `--data`, GNOISE_DATA, the user's cache folder.
 * Downloads go into the first of them.
 * @param option the value of `--data`, if it was given.
 */
export function dataFolders(
  option?: string,
  environment: { readonly [name: string]: string | undefined } = process.env,
): string[] {
  const cache = envPaths('gnoise', { suffix: '' }).cache;
  const named = [option, environment.GNOISE_DATA, cache].filter((folder) => folder !== undefined);
  return [...new Set(named.filter((folder) => folder !== '').map((folder) => resolve(folder)))];
}
