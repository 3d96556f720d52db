import { canonicalJson, type Json } from '../json.js';
import type { Trial } from './trial.js';

/**
 * Groups trials that can train in lockstep: those of equal structure, in list order, in as few populations as `size`
 * allows and of sizes that differ by one at most. Populations stand in the order of their first trials.
 * @param structure What trials must share to train in lockstep.
 * @param size Most trials in a population; a function where memory depends on the structure.
 */
export function planPopulations(
  trials: readonly Trial[],
  structure: (trial: Trial) => Json,
  size: number | ((trial: Trial) => number),
): Trial[][] {
  const groups = new Map<string, number[]>();
  for (const [position, trial] of trials.entries()) {
    const key = canonicalJson(structure(trial));
    const group = groups.get(key);
    if (group) group.push(position);
    else groups.set(key, [position]);
  }
  return [...groups.values()]
    .flatMap((positions) => chunks(positions, typeof size === 'number' ? size : size(trials[positions[0]!]!)))
    .sort(([a], [b]) => a! - b!)
    .map((positions) => positions.map((position) => trials[position]!));
}

function chunks(positions: readonly number[], size: number): number[][] {
  const count = Math.ceil(positions.length / Math.max(1, Math.floor(size)));
  const start = (chunk: number) => Math.floor((chunk * positions.length) / count);
  return Array.from({ length: count }, (_, chunk) => positions.slice(start(chunk), start(chunk + 1)));
}
