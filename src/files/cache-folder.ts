import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** Variables of the environment, by name. */
export type Environment = { readonly [name: string]: string | undefined };

/** gnoise's folder for what can be fetched or built again: GNOISE_CACHE, or the system's place for caches. */
export function cacheFolder(environment: Environment = process.env): string {
  const named = environment.GNOISE_CACHE;
  return named ? resolve(named) : envPaths('gnoise', { suffix: '' }).cache;
}
