import { resolve } from 'node:path';
import envPaths from 'env-paths';
import { expect, test } from 'vitest';
import { dataFolders } from './folders.js';

const cache = envPaths('gnoise', { suffix: '' }).cache;

test('the cache folder is the one that GNOISE_CACHE names, as for everything else that is kept there', () => {
  expect(dataFolders(undefined, { GNOISE_CACHE: 'c d' })).toEqual([resolve('c d')]);
  expect(dataFolders('a', { GNOISE_DATA: 'b', GNOISE_CACHE: 'c' })).toEqual(
    ['a', 'b', 'c'].map((name) => resolve(name)),
  );
});

test.each([
  ['the option, the environment, then the cache', 'a b/ü', 'env', [resolve('a b/ü'), resolve('env'), cache]],
  ['the cache alone when nothing is named', undefined, undefined, [cache]],
  ['an empty variable like one that is not set', undefined, '', [cache]],
  ['a folder once', 'same', 'same', [resolve('same'), cache]],
])('data is looked for in %s', (_, option, variable, expected) => {
  expect(dataFolders(option, { GNOISE_DATA: variable })).toEqual(expected);
});
