import { describe, expect, test } from 'vitest';
import { mcNemar, signedRank, wilsonInterval } from './statistics.js';

describe('wilsonInterval', () => {
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

describe('mcNemar', () => {
  // Fagerland, Lydersen and Laake 2013, "The McNemar test for binary matched-pairs data", exact conditional test.
  test.each([
    [1, 7, 0.0703],
    [6, 16, 0.0525],
  ])('agrees with Fagerland et al. on %i against %i', (wins, losses, p) => {
    expect(mcNemar(wins, losses)).toBeCloseTo(p, 4);
    expect(mcNemar(losses, wins)).toBeCloseTo(p, 4);
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
