import { canonicalJson } from '../json.js';
import type { Section, SuccessCriterion } from '../trials/trial.js';
import type { Variant } from './config.js';
import type { ProblemLog } from './problem-log.js';
import { at, keyOrigin, type MapTree } from './tree.js';

/**
 * Complains about two labels for the same trials: they would be trained once, and tables could count them under one of
 * the labels only. Variants share sections, and each is compared once.
 * @param cause Why they may be equal although the file keeps them apart, e.g. ` with these --set`; else empty.
 */
export function checkDistinct(
  variants: readonly Variant[],
  root: MapTree,
  cause: string,
  problems: ProblemLog,
): void {
  const text = memoised((section: Section | SuccessCriterion) => canonicalJson(section));
  const owners = new Map<string, Map<number, Variant>>();
  for (const variant of variants) {
    const { data, model, train, success } = variant;
    const key = [data, model, train, success].map(text).join('\n');
    const ownerOf = owners.get(key) ?? new Map<number, Variant>();
    owners.set(key, ownerOf);
    const shared = variant.seeds.find((seed) => ownerOf.has(seed));
    for (const seed of variant.seeds) if (!ownerOf.has(seed)) ownerOf.set(seed, variant);
    if (shared === undefined) continue;
    const { path, message, arm } = explain(variant, ownerOf.get(shared)!, root);
    const origin = keyOrigin(root, path);
    const label = { setting: variant.setting, ...(arm === undefined ? {} : { arm }) };
    problems.add({ kind: 'other', origin, path: path.join('.'), message: `${message}${cause}.` }, label);
  }
}

/** The function, asked once for each object. */
function memoised<T extends object>(make: (value: T) => string): (value: T) => string {
  const made = new WeakMap<T, string>();
  return (value) => {
    const text = made.get(value) ?? make(value);
    made.set(value, text);
    return text;
  };
}

function explain(
  variant: Variant,
  other: Variant,
  root: MapTree,
): { path: string[]; message: string; arm?: string } {
  const { setting, arm } = variant;
  if (setting !== other.setting) {
    const message = `trains the same trials as settings.${other.setting}`;
    return { path: ['settings', setting], message, arm };
  }
  if (arm !== other.arm)
    return { path: ['arms', arm], message: `trains the same trials as arms.${other.arm}` };
  const [point, same] = [variant, other].map(({ variation }) => canonicalJson(variation));
  const own = ['settings', setting, 'grid'];
  const path = at(root, own) ? own : ['grid'];
  return { path, message: `the points ${same} and ${point} are the same trials` };
}
