import { UserError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import type { Trial } from './trial.js';

/** The part `index` (from 1) of `count` parts of a sweep. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @throws UserError unless the text is `k/n` with 1 <= k <= n. */
export function parseShard(text: string): Shard {
  const match = /^\s*(\d{1,6})\s*\/\s*(\d{1,6})\s*$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null)
    throw new UserError(
      `--shard ${excerpt(text)}: write the part and the number of parts, e.g. --shard 2/8.`,
    );
  if (index < 1 || index > count) {
    throw new UserError(
      `--shard ${excerpt(text)}: parts are counted from 1 to ${count}, so there is no part ${index}.`,
    );
  }
  return { index, count };
}

/**
 * One part of a list of trials: a contiguous piece of the whole list, whatever of it is done already, so every machine
 * of a sweep finds the same cut. Parts are disjoint and together complete. The arms of a grid point always stay
 * together, for paired comparisons from a part alone, so that sizes differ by less than two such groups; of more parts
 * than groups some are empty.
 */
export function takeShard(trials: readonly Trial[], { index, count }: Shard): Trial[] {
  let before = 0;
  return groupArms(trials).flatMap((group) => {
    const part = Math.floor((before * count) / trials.length) + 1;
    before += group.length;
    return part === index ? group : [];
  });
}

/** Neighbours in the list that differ in their arm only. */
function groupArms(trials: readonly Trial[]): Trial[][] {
  const groups: Trial[][] = [];
  for (const trial of trials) {
    const last = groups.at(-1);
    if (last && differInArmOnly(last[0]!, trial)) last.push(trial);
    else groups.push([trial]);
  }
  return groups;
}

function differInArmOnly(a: Trial, b: Trial): boolean {
  const point = ({ setting, variation, description }: Trial) =>
    JSON.stringify([setting, variation, description.seed]);
  return point(a) === point(b);
}
