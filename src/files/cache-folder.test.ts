import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from './cache-folder.js';

test('the cache folder is the user’s, outside any project, unless GNOISE_CACHE names another', () => {
  expect(cacheFolder({})).toMatch(/gnoise/);
  expect(cacheFolder({})).not.toMatch(/node_modules/);
  expect(cacheFolder({ GNOISE_CACHE: '' })).toBe(cacheFolder({}));
  expect(cacheFolder({ GNOISE_CACHE: 'a b' })).toBe(resolve('a b'));
});
