import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '../json.js';
import type { TrialDescription } from './trial.js';

/**
 * `trialId` of descriptions that differ in their seed only. What they share is written as text once: a sweep has a hundred
 * seeds for a description that is long.
 */
export function idBySeed(shared: Omit<TrialDescription, 'seed'>): (seed: number) => string {
  // Canonical JSON is sorted by key: the seed stands between the keys before it and those after it.
  const part = (isMeant: (key: string) => boolean) => {
    const entries = Object.entries(shared).filter(([key]) => isMeant(key));
    return canonicalJson(Object.fromEntries(entries) as unknown as Json).slice(1, -1);
  };
  const before = createHash('sha256').update(`{${part((key) => key < 'seed')},"seed":`);
  const after = `,${part((key) => key > 'seed')}}`;
  return (seed) => before.copy().update(`${seed}${after}`).digest('hex').slice(0, 16);
}
