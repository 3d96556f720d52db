import { canonicalJson } from '../json.js';
import type { Variant } from './config.js';
import type { ProblemLog } from './problem-log.js';
import { at, keyOrigin, type MapTree } from './tree.js';

/**
 * Complains about two labels for the same trials: they would be trained once, and tables could count them under one of
 * the labels only.
 * @param cause Why they may be equal although the file keeps them apart, e.g. ` with these --set`; else empty.
 */
export function checkDistinct(
  variants: readonly Variant[],
  root: MapTree,
  cause: string,
  problems: ProblemLog,
): void {
  const first = new Map<string, Variant>();
  for (const variant of variants) {
    const { data, model, train, success } = variant;
    const key = canonicalJson({ data, model, train, success });
    const other = first.get(key);
    if (other === undefined) first.set(key, variant);
    else if (shareSeed(variant, other)) {
      const { path, message, arm } = explain(variant, other, root);
      const origin = keyOrigin(root, path);
      const label = { setting: variant.setting, ...(arm === undefined ? {} : { arm }) };
      problems.add({ kind: 'other', origin, path: path.join('.'), message: `${message}${cause}.` }, label);
    }
  }
}

function shareSeed(a: Variant, b: Variant): boolean {
  if (a.seeds === b.seeds) return true;
  const seeds = new Set(a.seeds);
  return b.seeds.some((seed) => seeds.has(seed));
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
