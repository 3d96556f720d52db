import quantile from '@stdlib/stats-base-dists-normal-quantile';
import binomialTest from '@stdlib/stats-binomial-test';
import signedRankTest from '@stdlib/stats-wilcoxon';

/** Both ends of a confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval for a proportion, without continuity correction (Wilson 1927; Newcombe 1998, method 3).
 * @returns null when there are no trials.
 */
export function wilsonInterval(successes: number, trials: number, confidence = 0.95): Interval | null {
  if (trials === 0) return null;
  const z = quantile((1 + confidence) / 2, 0, 1);
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
  return wins + losses === 0 ? null : Math.min(1, binomialTest(wins, wins + losses).pValue);
}

/**
 * Wilcoxon signed-rank test of paired differences: two-sided p-value; zeros are left out. Exact up to 50 differences
 * without ties, else the normal approximation with continuity and tie correction, as R's wilcox.test.
 * @returns null when no difference is other than zero.
 */
export function signedRank(differences: readonly number[]): number | null {
  // Differences of decimal figures that are equal on paper differ in their last bits, which would hide ties.
  const rounded = differences.map((difference) => Number(difference.toFixed(12))).filter((d) => d !== 0);
  if (rounded.length === 0) return null;
  // The library wants two; one difference, up or down, is as likely either way.
  if (rounded.length === 1) return 1;
  return Math.min(1, signedRankTest(rounded).pValue);
}
