import { upperTail } from './normal.js';

/** Both ends of a confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** What a standard normal variable exceeds with a chance of 2.5%. */
const z = 1.959963984540054;

/**
 * Wilson's 95% score interval for a proportion, without continuity correction (Wilson 1927; Newcombe 1998, method 3).
 * @returns null when there are no trials.
 */
export function wilsonInterval(successes: number, trials: number): Interval | null {
  if (trials === 0) return null;
  const p = successes / trials;
  const centre = p + z ** 2 / (2 * trials);
  const half = z * Math.sqrt((p * (1 - p)) / trials + z ** 2 / (4 * trials ** 2));
  const scale = 1 + z ** 2 / trials;
  // The ends at 0 and 1 are exact in theory and not quite in floating point.
  return {
    low: successes === 0 ? 0 : (centre - half) / scale,
    high: successes === trials ? 1 : (centre + half) / scale,
  };
}

/**
 * Exact McNemar test of paired successes: two-sided p-value of the discordant pairs under equal odds.
 * @param wins pairs in which only the first member succeeded.
 * @param losses pairs in which only the second did.
 * @returns null when no pair is discordant.
 */
export function mcNemar(wins: number, losses: number): number | null {
  return wins + losses === 0 ? null : tossedPValue(Array(wins + losses).fill(1), wins);
}

/**
 * Fisher's exact test of two groups that are not paired: two-sided p-value, the chance of all tables of the same margins that
 * are no likelier than this one, as R's `fisher.test` and SciPy's `fisher_exact` have it.
 * @returns null when a group is empty.
 */
export function fisherExact(
  first: { readonly successes: number; readonly trials: number },
  second: { readonly successes: number; readonly trials: number },
): number | null {
  if (first.trials === 0 || second.trials === 0) return null;
  const successes = first.successes + second.successes;
  const all = first.trials + second.trials;
  const least = Math.max(0, successes - second.trials);
  const most = Math.min(successes, first.trials);
  const chances = Array.from({ length: most - least + 1 }, (_, i) =>
    Math.exp(
      logChoose(first.trials, least + i) +
        logChoose(second.trials, successes - least - i) -
        logChoose(all, successes),
    ),
  );
  // Tables of equal chance differ in their last bits.
  const limit = chances[first.successes - least]! * (1 + 1e-7);
  return Math.min(
    1,
    chances.filter((chance) => chance <= limit).reduce((a, b) => a + b),
  );
}

/** Logarithm of the number of ways to choose k of n. */
function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/**
 * P-values corrected for their number by Holm's method (1979), in their order, as R's `p.adjust(p, "holm")`: no more than the
 * stated share of families has a true hypothesis rejected.
 * @param pValues null for a comparison that was planned and says nothing: it counts, and stays null.
 */
export function holm(pValues: readonly (number | null)[]): (number | null)[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const corrected = new Array<number | null>(pValues.length).fill(null);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    const p = pValues[i];
    if (p === null || p === undefined) continue;
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * p));
    corrected[i] = largest;
  }
  return corrected;
}

/** Up to so many differences the signed-rank test is exact, as in R and SciPy. */
const exactUpTo = 50;

/**
 * Wilcoxon signed-rank test of paired differences: two-sided p-value; zeros are left out, equal sizes share the mean of
 * their ranks.
 *
 * Up to 50 differences it is exact: without ties as R's `wilcox.test` and SciPy's `wilcoxon` do by themselves; with
 * ties, given those, as `wilcoxsign_test(distribution = "exact")` of R's package coin and SciPy with
 * `method=PermutationMethod(n_resamples=inf)`. The normal approximation would give p-values below what is possible there:
 * 0.037 for five equal differences, of which the least is 2 / 2^5. Above 50 it is the normal approximation with
 * corrections for continuity and ties, as R's `wilcox.test` and SciPy's `method='asymptotic', correction=True`.
 * @returns null when no difference is other than zero.
 */
export function signedRank(differences: readonly number[]): number | null {
  // Differences of decimal figures that are equal on paper differ in their last bits, which would hide ties.
  const rounded = differences.map((difference) => Number(difference.toFixed(12))).filter((d) => d !== 0);
  const n = rounded.length;
  if (n === 0) return null;
  const ranks = doubledRanks(rounded.map(Math.abs));
  const positive = ranks.reduce((sum, rank, i) => (rounded[i]! > 0 ? sum + rank : sum), 0);
  if (n <= exactUpTo) return tossedPValue(ranks, positive);
  // The variance of the sum with the ties as they are; without any it is n (n + 1) (2n + 1) / 24.
  const deviation = Math.sqrt(ranks.reduce((sum, rank) => sum + rank ** 2, 0) / 16);
  const distance = Math.abs(positive / 2 - (n * (n + 1)) / 4);
  return Math.min(1, 2 * upperTail(Math.max(0, distance - 0.5) / deviation));
}

/** Twice the rank of every value, 2 for the least; equal values share the mean of theirs, so that only doubles are whole. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return values.map((value) => sorted.indexOf(value) + sorted.lastIndexOf(value) + 2);
}

/**
 * Exact two-sided p-value of a sum to which every weight counts or not by the toss of a fair coin: twice the chance of a
 * sum as far from the middle, on its own side. The distribution is built up coin by coin.
 * @param weights whole numbers above 0.
 * @param sum of the weights that counted.
 */
function tossedPValue(weights: readonly number[], sum: number): number {
  const total = weights.reduce((a, b) => a + b);
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let largest = 0;
  for (const weight of weights) {
    largest += weight;
    for (let s = largest; s >= 0; s--) chances[s] = (chances[s]! + (chances[s - weight] ?? 0)) / 2;
  }
  // The distribution is symmetric, so the lower tail serves for both.
  const tail = chances.subarray(0, Math.min(sum, total - sum) + 1);
  return Math.min(1, 2 * tail.reduce((a, b) => a + b));
}
