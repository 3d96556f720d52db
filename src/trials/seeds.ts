import { UserError } from '../errors.js';
import { excerpt } from '../excerpt.js';

/** Largest seed: the upper bits of the generator's key name the stream (see src/random/streams.ts). */
export const MAX_SEED = 2 ** 28 - 1;
const MAX_COUNT = 100_000;

/** What a config or the command line may say: one seed, a list of them, or text such as `0-19` or `0-3,7`. */
export type Seeds = number | string | readonly number[];

/** From the first seed to the last, both included. */
export type SeedRange = readonly [first: number, last: number];

/**
 * The seeds in the order they are written. `5` is the seed 5; the first five seeds are `0-4`.
 * @throws UserError on text that is not seeds, on a seed out of range, on one named twice, and on far too many.
 */
export function parseSeeds(seeds: Seeds): number[] {
  return seedsIn(parseSeedRanges(seeds));
}

/** The same as ranges, which can be checked and counted without a list of the seeds in them. */
export function parseSeedRanges(seeds: Seeds): SeedRange[] {
  const ranges =
    typeof seeds === 'string'
      ? seeds.split(',').map((part) => parseRange(part.trim(), seeds))
      : [seeds].flat().map((seed): SeedRange => [checkSeed(seed), seed]);
  if (ranges.length === 0) throw new UserError('no seeds; write 3, 0-19, 0-3,7 or a list.');
  const count = countSeeds(ranges);
  if (count > MAX_COUNT)
    throw new UserError(
      `${excerpt(seedsText(ranges))} are ${count} seeds; at most ${MAX_COUNT} make a config.`,
    );
  const twice = namedTwice(ranges);
  if (twice !== undefined) throw new UserError(`seed ${twice} is named twice.`);
  return ranges;
}

export function countSeeds(ranges: readonly SeedRange[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

export function seedsIn(ranges: readonly SeedRange[]): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}

/** The shortest text for seeds: `0-3,7`. */
export function seedsText(seeds: readonly number[] | readonly SeedRange[]): string {
  const ranges: [number, number][] = [];
  for (const [first, last] of seeds.map(
    (seed): SeedRange => (typeof seed === 'number' ? [seed, seed] : seed),
  )) {
    const range = ranges.at(-1);
    if (range && first === range[1] + 1) range[1] = last;
    else ranges.push([first, last]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function parseRange(part: string, whole: string): SeedRange {
  const match = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part);
  if (match === null) throw new UserError(`"${excerpt(whole)}" is not seeds; write 3, 0-19 or 0-3,7.`);
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (last < first) throw new UserError(`${excerpt(part)} runs backwards; write ${last}-${first}.`);
  if (last > MAX_SEED) throw new UserError(`${last} is too large for a seed; the largest is ${MAX_SEED}.`);
  return [first, last];
}

function checkSeed(seed: number): number {
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED)
    throw new UserError(`${seed} is not a seed; seeds are whole numbers from 0 to ${MAX_SEED}.`);
  return seed;
}

/** The smallest seed that more than one of the ranges has. */
function namedTwice(ranges: readonly SeedRange[]): number | undefined {
  const sorted = ranges.toSorted(([a], [b]) => a - b);
  let highest = -1;
  for (const [first, last] of sorted) {
    if (first <= highest) return first;
    highest = last;
  }
  return undefined;
}
