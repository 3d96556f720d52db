import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What is there below a folder for a path with slashes, of which a part may end in `*`, for any name that begins so; sorted. A path
 * without one is given back, whether it is there or not.
 */
export async function expand(folder: string, path: string): Promise<string[]> {
  return expandParts(folder, path.split('/'));
}

async function expandParts(folder: string, [first, ...rest]: readonly string[]): Promise<string[]> {
  if (first === undefined) return [folder];
  if (!first.endsWith('*')) return expandParts(join(folder, first), rest);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(first.slice(0, -1)));
  return (await Promise.all(names.sort().map((name) => expandParts(join(folder, name), rest)))).flat();
}
