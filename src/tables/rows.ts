import { canonicalJson, type Json } from '../json.js';
import type { PaperTable } from '../paper/paper-table.js';
import type { Outcome, TrialRecord } from '../results/record.js';
import type { Trial } from '../trials/trial.js';
import { type Comparison, compareArms } from './comparison.js';
import { type Figure, type Measure, measureRecords } from './measure.js';
import type { Placed, TableConfig } from './plan.js';
import { type Interval, wilsonInterval } from './statistics.js';

export type Point = { readonly [path: string]: Json };

/** One setting under one arm, over all its seeds, and over all its grid points or at one. */
export interface Row {
  readonly setting: { readonly name: string; readonly title: string };
  readonly arm: { readonly name: string; readonly title: string };
  /** The grid point, by dotted path, where each has a row of its own. */
  readonly point: Point | null;
  readonly planned: number;
  /** Trials stored; more than planned when further seeds were run. */
  readonly stored: number;
  readonly outcomes: { readonly [kind in Outcome['kind']]: number };
  /** Trials behind the figures: all that are stored but the failed. */
  readonly counted: number;
  /** One per measure of the table. */
  readonly figures: readonly (number | null)[];
  /** The paper's, one per measure. */
  readonly paper: readonly (number | null)[];
  /** Wilson's 95% interval of the success rate. */
  readonly successInterval: Interval | null;
  /** Null for the first arm of a setting. */
  readonly comparison: Comparison | null;
}

/** What is measured of every row. */
interface Measured {
  readonly measures: readonly Measure[];
  readonly paper: PaperTable | null;
  /** What arms are compared by. */
  readonly figure: Figure;
}

/** Trials, planned and stored. */
interface Members {
  readonly trials: readonly Trial[];
  readonly placed: readonly Placed[];
}

type SettingLabel = TableConfig['settings'][number];

/** The rows of one setting: an arm each, or a grid point and arm each, ranked. */
export function settingRows(
  config: TableConfig,
  setting: SettingLabel,
  { trials, placed }: Members,
  measured: Measured,
): Row[] {
  const isHere = (each: { setting: string }) => each.setting === setting.name;
  const own = { trials: trials.filter(isHere), placed: placed.filter(isHere) };
  if (config.table.rows === 'arms') return rowsOf(config, setting, own, measured);
  const points = pointsOf(own.trials).flatMap((point) => rowsOf(config, setting, own, measured, point));
  return ranked(points, measured.measures);
}

/** Not a name that a config can give to a setting. */
const OVERALL = { name: '(all)', title: 'All settings together', paper: null };

/** The rows of several settings together, an arm each. */
export function overallRows(
  config: TableConfig,
  settings: readonly SettingLabel[],
  { trials, placed }: Members,
  measured: Measured,
): Row[] {
  const names = new Set(settings.map(({ name }) => name));
  const own = placed.filter(({ setting }) => names.has(setting));
  return rowsOf(config, OVERALL, { trials, placed: own }, measured);
}

/** Whether a stored trial is one of those that a row sums up; the rows of all settings together sum up other rows. */
export function isOfRow({ setting, arm, point }: Row, placed: Placed): boolean {
  if (setting.name !== placed.setting || arm.name !== placed.arm) return false;
  return point === null || canonicalJson(point) === canonicalJson(placed.variation);
}

/** An arm each. @param point counts only what is at this grid point. */
function rowsOf(
  { arms }: TableConfig,
  { name, title }: SettingLabel,
  { trials, placed }: Members,
  { measures, paper, figure }: Measured,
  point: Point | null = null,
): Row[] {
  const isAt = ({ variation }: { variation: Point }) =>
    point === null || canonicalJson(variation) === canonicalJson(point);
  const cells = arms
    .map((arm) => {
      const isHere = (each: { arm: string; variation: Point }) => each.arm === arm.name && isAt(each);
      return { arm, planned: trials.filter(isHere).length, placed: placed.filter(isHere) };
    })
    .filter(({ planned }) => planned > 0);
  const [first] = cells;
  return cells.map(({ arm, planned, placed: members }): Row => {
    const records = members.map(({ record }) => record);
    const outcomes = countOutcomes(records);
    const counted = records.length - outcomes.failed;
    return {
      setting: { name, title },
      arm: { name: arm.name, title: arm.title },
      point,
      planned,
      stored: records.length,
      outcomes,
      counted,
      figures: measures.map((measure) => measureRecords(measure, records)),
      paper: measures.map((measure) => paperFigure(paper, measure, name, arm.name)),
      successInterval: wilsonInterval(outcomes.succeeded, counted),
      comparison:
        first === undefined || first.arm === arm
          ? null
          : compareArms(first.arm.name, first.placed, members, figure),
    };
  });
}

/** The distinct grid points of some trials, in order. */
function pointsOf(trials: readonly Trial[]): Point[] {
  return [...new Map(trials.map(({ variation }) => [canonicalJson(variation), variation])).values()];
}

/** Rows by success, then by the averages of the success metric and of the metrics asked for; the best first. */
function ranked(rows: readonly Row[], measures: readonly Measure[]): Row[] {
  const deciding = measures
    .map((measure, index) => ({ ...measure, index }))
    .filter(({ kind, asked }) => kind === 'success' || kind === 'average' || asked)
    .sort((a, b) => Number(b.kind === 'success') - Number(a.kind === 'success'));
  return rows.toSorted((a, b) => {
    for (const { index, better } of deciding) {
      const [left, right] = [a.figures[index] ?? null, b.figures[index] ?? null];
      if (left === right) continue;
      if (left === null || right === null) return left === null ? 1 : -1;
      const isShare = measures[index]!.kind === 'success';
      return isShare || better === 'higher' ? right - left : left - right;
    }
    return 0;
  });
}

function countOutcomes(records: readonly TrialRecord[]): Row['outcomes'] {
  const counts = { succeeded: 0, missed: 0, diverged: 0, failed: 0 };
  for (const { outcome } of records) counts[outcome.kind] += 1;
  return counts;
}

function paperFigure(
  paper: PaperTable | null,
  measure: Measure,
  setting: string,
  arm: string,
): number | null {
  const row = paper?.rows.find((candidate) => candidate.setting === setting && candidate.arm === arm);
  const values = setting === OVERALL.name ? paper?.overall?.[arm] : row?.values;
  return measure.paperColumn === null ? null : (values?.[measure.paperColumn] ?? null);
}
