import { canonicalJson } from '../json.js';
import { type Figure, figureOf, mean } from './measure.js';
import type { Placed } from './plan.js';
import { fisherExact, holm, mcNemar, signedRank } from './statistics.js';

/** An arm against the first arm of its setting, over pairs of equal seed and grid point; failed trials pair with none. */
export interface Comparison {
  /** Name of the first arm. */
  readonly baseline: string;
  readonly pairs: number;
  /** Pairs in which only this arm's trial succeeded. */
  readonly won: number;
  /** Pairs in which only the first arm's trial succeeded. */
  readonly lost: number;
  /** Two-sided p-value of won against lost, exact; null when both are 0. */
  readonly mcNemar: number | null;
  /** Two-sided p-value of the successes of all trials of both arms, paired or not, exact; null without trials. */
  readonly fisher: number | null;
  /** Mean difference of the success metric, this arm minus the first. */
  readonly meanDifference: number | null;
  /** Two-sided p-value of the differences of the success metric; null when there are none but zeros. */
  readonly signedRank: number | null;
  /** The p-value of the config's test, corrected for all comparisons of the table; null where it names none. */
  readonly corrected: number | null;
}

/** The test that a config's comparisons are decided by. */
export type DecidingTest = 'mcnemar' | 'fisher' | 'wilcoxon';

/** The p-value that a test gives. */
export function pValueOf(test: DecidingTest, { mcNemar, fisher, signedRank }: Comparison): number | null {
  return { mcnemar: mcNemar, fisher, wilcoxon: signedRank }[test];
}

/** Rows with the p-values of all of their comparisons corrected for their number, by Holm's method. */
export function withCorrected<Row extends { readonly comparison: Comparison | null }>(
  rows: readonly Row[],
  test: DecidingTest,
): Row[] {
  const compared = rows.flatMap(({ comparison }) => comparison ?? []);
  const corrected = holm(compared.map((comparison) => pValueOf(test, comparison)));
  return rows.map((row) =>
    row.comparison === null
      ? row
      : {
          ...row,
          comparison: { ...row.comparison, corrected: corrected[compared.indexOf(row.comparison)]! },
        },
  );
}

/** @param figure what the mean difference and the signed ranks are of. */
export function compareArms(
  baseline: string,
  first: readonly Placed[],
  other: readonly Placed[],
  figure: Figure,
): Comparison {
  const finished = ({ record }: Placed) => record.outcome.kind !== 'failed';
  const key = ({ setting, variation, record }: Placed) =>
    canonicalJson([setting, variation, record.description.seed]);
  const partners = new Map(first.filter(finished).map((each) => [key(each), each.record]));
  const differences: number[] = [];
  let pairs = 0;
  let won = 0;
  let lost = 0;
  for (const each of other.filter(finished)) {
    const partner = partners.get(key(each));
    if (partner === undefined) continue;
    const succeeded = each.record.outcome.kind === 'succeeded';
    const partnerSucceeded = partner.outcome.kind === 'succeeded';
    pairs += 1;
    if (succeeded && !partnerSucceeded) won += 1;
    if (partnerSucceeded && !succeeded) lost += 1;
    const ours = figureOf(figure, each.record);
    const theirs = figureOf(figure, partner);
    if (ours !== null && theirs !== null) differences.push(ours - theirs);
  }
  return {
    baseline,
    pairs,
    won,
    lost,
    mcNemar: mcNemar(won, lost),
    fisher: fisherExact(successesOf(first.filter(finished)), successesOf(other.filter(finished))),
    meanDifference: mean(differences),
    signedRank: signedRank(differences),
    corrected: null,
  };
}

function successesOf(placed: readonly Placed[]) {
  const successes = placed.filter(({ record }) => record.outcome.kind === 'succeeded').length;
  return { successes, trials: placed.length };
}
