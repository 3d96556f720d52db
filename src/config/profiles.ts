import { BASE_PROFILE } from './config.js';
import { MAX_VARIANTS } from './limits.js';
import type { Problem } from './problem.js';
import { type Resolution, type ResolveRequest, resolve } from './resolve.js';
import { type MapTree, mapAt } from './tree.js';

/** The names of all profiles that a file has, `paper` first. */
export function profilesOf(root: MapTree): string[] {
  return [...new Set([BASE_PROFILE, ...mapAt(root, ['profiles']).entries.keys()])];
}

/**
 * What the chosen profile comes to, and what is wrong in any: one that nobody asked for yet must not lie in wait with a
 * mistake. Where there are very many profiles, or large ones, the last of them are checked when they are asked for.
 */
export function resolveProfiles(chosen: ResolveRequest): Resolution {
  const { root, profile } = chosen;
  const resolution = resolve(chosen);
  const seen = new Set(resolution.problems.map(withoutContext));
  const more: Problem[] = [];
  // Variants that may still be made of other profiles; putting their settings and arms together counts as well.
  let left = MAX_VARIANTS;
  for (const name of profilesOf(root)) {
    if (name === profile) continue;
    left -= mapAt(root, ['settings']).entries.size + mapAt(root, ['arms']).entries.size;
    if (left < 0) break;
    const other = resolve({ ...chosen, profile: name, assignments: [] }, left);
    left -= other.variants.length;
    for (const problem of other.problems) {
      if (seen.size === seen.add(withoutContext(problem)).size) continue;
      more.push({ ...problem, context: [`profile ${name}`, problem.context].filter(Boolean).join(', ') });
    }
  }
  return { ...resolution, problems: [...resolution.problems, ...more] };
}

function withoutContext(problem: Problem): string {
  return JSON.stringify({ ...problem, context: undefined });
}
