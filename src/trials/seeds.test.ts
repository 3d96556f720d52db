import { describe, expect, it } from 'vitest';
import { UserError } from '../errors.js';
import { MAX_SEED, parseSeeds, seedsText } from './seeds.js';

describe('seeds', () => {
  it.each([
    [5, [5]],
    ['5', [5]],
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['0-3,7', [0, 1, 2, 3, 7]],
    [' 7 , 2 - 3 ', [7, 2, 3]],
    [`${MAX_SEED}`, [MAX_SEED]],
    [
      [3, 1],
      [3, 1],
    ],
  ])('%j are read as %j', (text, seeds) => {
    expect(parseSeeds(text)).toEqual(seeds);
  });

  it.each([
    '',
    'all',
    '1.5',
    '-1',
    '3-',
    '3-1',
    '1,1',
    '0-5,3',
    '1,,2',
    '0-999999999',
    '268435456',
    '1e3',
    -1,
    0.5,
    [],
    [1, 1],
    [-1],
  ])('%j are refused', (text) => {
    expect(() => parseSeeds(text)).toThrow(UserError);
  });

  it.each(['0-19', '0-3,7', '5', '7,2-3'])('%s are written as they were read', (text) => {
    expect(seedsText(parseSeeds(text))).toBe(text);
  });
});
