import { UserError } from '../errors.js';

/** Largest seed: the upper bits of the generator's key name the stream (see src/random/streams.ts). */
export const MAX_SEED = 2 ** 28 - 1;
const MAX_COUNT = 100_000;

/** What a config or the command line may say: one seed, a list of them, or text such as `0-19` or `0-3,7`. */
export type Seeds = number | string | readonly number[];

/**
 * The seeds in the order they are written. `5` is the seed 5; the first five seeds are `0-4`.
 * @throws UserError on text that is not seeds, on a seed out of range, and on one named twice.
 */
export function parseSeeds(seeds: Seeds): number[] {
  if (typeof seeds === 'number') return distinct([seeds]);
  if (typeof seeds !== 'string') return distinct(seeds);
  const ranges = seeds.split(',').map((part) => parseRange(part.trim(), seeds));
  const count = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (count > MAX_COUNT)
    throw new UserError(`${seeds} are ${count} seeds; at most ${MAX_COUNT} make a config.`);
  return distinct(
    ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
  );
}

/** The shortest text for seeds: `0-3,7`. */
export function seedsText(seeds: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const seed of seeds) {
    const range = ranges.at(-1);
    if (range && seed === range[1] + 1) range[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function parseRange(part: string, whole: string): [number, number] {
  const match = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part);
  if (match === null) throw new UserError(`"${whole}" is not seeds; write 3, 0-19 or 0-3,7.`);
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (last < first) throw new UserError(`${part} runs backwards; write ${last}-${first}.`);
  if (last > MAX_SEED) throw new UserError(`${last} is too large for a seed; the largest is ${MAX_SEED}.`);
  return [first, last];
}

function distinct(seeds: readonly number[]): number[] {
  if (seeds.length === 0) throw new UserError('no seeds; write 3, 0-19, 0-3,7 or a list.');
  const wrong = seeds.find((seed) => !Number.isInteger(seed) || seed < 0 || seed > MAX_SEED);
  if (wrong !== undefined)
    throw new UserError(`${wrong} is not a seed; seeds are whole numbers from 0 to ${MAX_SEED}.`);
  const seen = new Set<number>();
  const twice = seeds.find((seed) => seen.size === seen.add(seed).size);
  if (twice !== undefined) throw new UserError(`seed ${twice} is named twice.`);
  return [...seeds];
}
