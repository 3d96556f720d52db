import { closest, distance } from 'fastest-levenshtein';

/** The known name that was probably meant: at most a third of its letters differ. Undefined if none is that near. */
export function suggest(name: string, known: readonly string[]): string | undefined {
  const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);
  const sameKey = known.filter((candidate) => last(candidate) === name);
  if (sameKey.length === 1) return sameKey[0];
  if (known.length === 0) return undefined;
  const nearest = closest(name, known);
  return distance(name, nearest) <= Math.max(2, nearest.length / 3) && nearest.length > 1
    ? nearest
    : undefined;
}
