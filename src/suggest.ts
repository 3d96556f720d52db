import { closest, distance } from 'fastest-levenshtein';

/** The known name that was probably meant: at most a third of its letters differ. Undefined if none is that near. */
export function suggest(name: string, known: readonly string[]): string | undefined {
  const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);
  const sameKey = known.filter((candidate) => last(candidate) === name);
  if (sameKey.length === 1) return sameKey[0];
  // At least the difference in length differs. Names can be long, and comparing takes the product of both lengths.
  const near = known.filter(
    (candidate) => Math.abs(candidate.length - name.length) <= mostDifferent(candidate),
  );
  if (near.length === 0) return undefined;
  const nearest = closest(name, near);
  return distance(name, nearest) <= mostDifferent(nearest) && nearest.length > 1 ? nearest : undefined;
}

function mostDifferent(name: string): number {
  return Math.max(2, name.length / 3);
}
