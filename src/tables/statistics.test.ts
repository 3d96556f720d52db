import { describe, expect, test } from 'vitest';
import { fisherExact, holm, mcNemar, signedRank, wilsonInterval } from './statistics.js';

/*
 * Values of SciPy 1.17.1 are what these print, after
 *   from numpy import inf; from scipy.stats import binomtest, wilcoxon, PermutationMethod
 */

/** Whether two numbers agree in 12 digits, which is what tables show. */
function expectDigits(value: number, expected: number): void {
  expect(Math.abs(value / expected - 1)).toBeLessThan(1e-12);
}

describe('wilsonInterval', () => {
  // binomtest(81, 263).proportion_ci(method='wilson')
  test.each([
    [81, 263, 0.2552885198782742, 0.36620957698280004],
    [3, 58, 0.017746134659410488, 0.1413940119084266],
    [1, 55, 0.003216780454841077, 0.09605776062162397],
  ])('agrees with SciPy in every digit on %i of %i', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials)!;
    expectDigits(interval.low, low);
    expectDigits(interval.high, high);
  });

  // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('agrees with Newcombe on %i of %i', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials)!;
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test('mirrors when successes and failures are exchanged', () => {
    const few = wilsonInterval(3, 40)!;
    const many = wilsonInterval(37, 40)!;
    expect(few.low).toBeCloseTo(1 - many.high, 12);
    expect(few.high).toBeCloseTo(1 - many.low, 12);
  });

  test('reaches exactly 0 and 1, and is null without trials', () => {
    expect(wilsonInterval(0, 7)!.low).toBe(0);
    expect(wilsonInterval(7, 7)!.high).toBe(1);
    expect(wilsonInterval(0, 0)).toBeNull();
  });
});

describe('fisherExact', () => {
  const test2 = (first: readonly [number, number], second: readonly [number, number]) =>
    fisherExact({ successes: first[0], trials: first[1] }, { successes: second[0], trials: second[1] });

  // Fisher 1935, the lady tasting tea: 34/70; Fisher 1962, convictions of twins; R's ?fisher.test has both. The others:
  // fisher_exact([[1, 215], [9, 207]]).pvalue and so on.
  test.each<[readonly [number, number], readonly [number, number], number]>([
    [[3, 4], [1, 4], 34 / 70],
    [[2, 17], [10, 13], 0.0005367241191434358],
    [[1, 216], [9, 216], 0.02007695805143063],
    [[6, 8], [1, 5], 0.10256410256410256],
    [[5, 5], [0, 5], 2 / 252],
  ])('agrees with the published value on %j against %j', (first, second, p) => {
    expectDigits(test2(first, second)!, p);
    expectDigits(test2(second, first)!, p);
  });

  test('is 1 where no trial or every trial succeeded, and null for an empty group', () => {
    expect(test2([0, 5], [0, 7])).toBeCloseTo(1, 12);
    expect(test2([5, 5], [7, 7])).toBeCloseTo(1, 12);
    expect(test2([0, 0], [3, 7])).toBeNull();
  });
});

describe('holm', () => {
  // Holm 1979 by hand: 3 x 0.01, 2 x 0.02, then no less than that; R: p.adjust(c(0.01, 0.02, 0.03), "holm").
  test('multiplies the least by the number of all, and never falls behind a smaller one', () => {
    const corrected = holm([0.03, 0.01, 0.02]);
    expect(corrected.map((p) => Number(p!.toFixed(12)))).toEqual([0.04, 0.03, 0.04]);
  });

  test('stops at 1, and counts comparisons that say nothing', () => {
    expect(holm([0.4, 0.9])).toEqual([0.8, 0.9]);
    expect(holm([0.6, 0.9])).toEqual([1, 1]);
    expect(holm([null, 0.01])).toEqual([null, 0.02]);
    expect(holm([])).toEqual([]);
  });
});

describe('mcNemar', () => {
  // Fagerland, Lydersen and Laake 2013, "The McNemar test for binary matched-pairs data", exact conditional test.
  test.each([
    [1, 7, 0.0703],
    [6, 16, 0.0525],
  ])('agrees with Fagerland et al. on %i against %i', (wins, losses, p) => {
    expect(mcNemar(wins, losses)).toBeCloseTo(p, 4);
    expect(mcNemar(losses, wins)).toBeCloseTo(p, 4);
  });

  // binomtest(3, 58).pvalue
  test.each([
    [3, 55, 2.2598589666245064e-13],
    [1, 54, 3.1086244689504383e-15],
  ])('agrees with SciPy in every digit on %i against %i, however small', (wins, losses, p) => {
    expectDigits(mcNemar(wins, losses)!, p);
  });

  test('is 1 when wins equal losses, and null without discordant pairs', () => {
    expect(mcNemar(4, 4)).toBe(1);
    expect(mcNemar(0, 0)).toBeNull();
  });

  test('follows 2^(1 - n) when all discordant pairs go one way', () => {
    for (const n of [1, 5, 20]) expect(mcNemar(n, 0)).toBeCloseTo(Math.min(1, 2 ** (1 - n)), 12);
  });
});

describe('signedRank', () => {
  test('agrees with Hollander and Wolfe on the depression scores (two-sided 0.0391)', () => {
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    expect(signedRank(before.map((x, i) => x - after[i]!))).toBeCloseTo(0.0390625, 7);
  });

  test('agrees with the worked example of the SciPy manual, Darwin on the height of maize', () => {
    const eighths = [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75];
    expect(signedRank(eighths)).toBeCloseTo(0.041259765625, 9);
  });

  // wilcoxon([3, 3, 3, 3, 3], method=PermutationMethod(n_resamples=inf)).pvalue
  test.each([
    [[3, 3, 3, 3, 3], 0.0625],
    [[1, 1, 2, -2, 3], 0.375],
    [[1, 1, 1, -1], 0.625],
    [[-1, 2, 2, 3, 3, 3, -4], 0.34375],
    [[0.5, 0.5, -0.5, 1, 1, 2, 2, -2, 3, 4, 4, 5], 0.017578125],
  ])('is exact with ties: SciPy permutes the signs of %j', (differences, p) => {
    expect(signedRank(differences)).toBe(p);
  });

  test('is never below what is possible, 2 / 2^n', () => {
    for (let n = 1; n <= 50; n++) expect(signedRank(Array(n).fill(0.25))).toBe(2 ** (1 - n));
  });

  // d = [k + 1 if k % 3 else -(k + 1) for k in range(51)]; wilcoxon(d[:50]).pvalue
  test('is exact up to 50 differences, and then approximate as in SciPy', () => {
    const differences = Array.from({ length: 51 }, (_, k) => (k % 3 ? k + 1 : -(k + 1)));
    expectDigits(signedRank(differences.slice(0, 50))!, 0.03996834652842374);
    // wilcoxon(d, method='asymptotic', correction=True).pvalue
    expectDigits(signedRank(differences)!, 0.026000896360930642);
  });

  // d = [k % 7 + 1 if k % 3 else -(k % 5 + 1) for k in range(60)]; wilcoxon(d, method='asymptotic', correction=True).pvalue
  test('corrects the approximation for ties', () => {
    const differences = Array.from({ length: 60 }, (_, k) => (k % 3 ? (k % 7) + 1 : -((k % 5) + 1)));
    expectDigits(signedRank(differences)!, 0.0028216198148408064);
  });

  test('sees ties through rounding errors of decimal figures', () => {
    expect(signedRank([0.3 - 0.2, 0.2 - 0.1, 0.4 - 0.3, -(0.9 - 0.8)])).toBe(signedRank([1, 1, 1, -1]));
  });

  test('leaves zeros out, and is null when nothing else is there', () => {
    expect(signedRank([0, 1, 2, 4, 0])).toBe(signedRank([1, 2, 4]));
    expect(signedRank([0, 0])).toBeNull();
    expect(signedRank([])).toBeNull();
    expect(signedRank([0.5])).toBe(1);
  });

  test('is never above 1', () => {
    expect(signedRank([1, -2, 3, -4, 5, -6, 7, -7.5])).toBeLessThanOrEqual(1);
    expect(signedRank([1, 2, -3])).toBe(1);
  });
});
