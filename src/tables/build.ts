import { paperTable } from '../paper/index.js';
import type { PaperTable } from '../paper/paper-table.js';
import type { Outcome, TrialRecord } from '../results/record.js';
import { canonicalJson, type Json, type SuccessCriterion, type Trial } from '../trials/trial.js';
import {
  type Figure,
  figureOf,
  type Measure,
  mean,
  measureRecords,
  measuresFor,
  successFigure,
} from './measure.js';
import { type Placed, placeRecords, sourceOf, type TableConfig, type TablePlan } from './plan.js';
import { type Interval, mcNemar, signedRank, wilsonInterval } from './statistics.js';

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
  /** Mean difference of the success metric, this arm minus the first. */
  readonly meanDifference: number | null;
  /** Two-sided p-value of the differences of the success metric; null when there are none but zeros. */
  readonly signedRank: number | null;
}

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

/** A table as data; what it looks like is for the renderers to say. */
export interface Table {
  /** Name of its file without the ending: the paper's table, or `table`. */
  readonly id: string;
  readonly title: string;
  readonly config: string;
  readonly profile: string;
  /** What is smaller than in the paper; null at the paper's scale. */
  readonly scale: string | null;
  /** The data trained on, where trials name it. */
  readonly source: string | null;
  /** The data that was asked for and not used: nothing here may be compared with the paper. */
  readonly insteadOf: string | null;
  readonly success: SuccessCriterion;
  /** The paper's table it answers to; null for data that stand in for others. */
  readonly paper: PaperTable | null;
  readonly measures: readonly Measure[];
  readonly rows: readonly Row[];
}

/** Rows that make one table: they answer to the same table of the paper and measure success by the same figure. */
interface Group {
  readonly id: string;
  readonly paper: PaperTable | null;
  readonly trials: readonly Trial[];
}

/**
 * The tables of a config under one profile: one per table of the paper that its settings answer to, one for the settings
 * that answer to none, and the same again for trials on other data than asked for.
 */
export function buildTables(plan: TablePlan, records: readonly TrialRecord[]): Table[] {
  const { placed } = placeRecords(plan, records);
  const fallbacks = [...new Set(placed.map(({ fallback }) => fallback))].sort();
  const sources = fallbacks.length === 0 ? [null] : fallbacks;
  return sources.flatMap((fallback) => {
    const ofSource = placed.filter((each) => each.fallback === fallback);
    return groups(plan).map((group) => buildTable(plan.config, group, ofSource, fallback));
  });
}

function groups({ config, trials }: TablePlan): Group[] {
  const paperOf = new Map(config.settings.map(({ name, paper }) => [name, paper]));
  const byKey = new Map<string, Trial[]>();
  for (const trial of trials) {
    const key = canonicalJson([paperOf.get(trial.setting) ?? null, trial.description.success.metric]);
    if (!byKey.has(key)) byKey.set(key, []);
    byKey.get(key)!.push(trial);
  }
  const used = new Set<string>();
  return [...byKey.values()].map((members) => {
    const { setting, description } = members[0]!;
    const paper = paperOf.get(setting) ?? null;
    const stem = fileName(paper ?? 'table');
    const id = used.has(stem) ? `${stem}-${fileName(description.success.metric)}` : stem;
    used.add(stem);
    return { id, paper: (paper === null ? undefined : paperTable(paper)) ?? null, trials: members };
  });
}

function buildTable(
  config: TableConfig,
  group: Group,
  placed: readonly Placed[],
  fallback: string | null,
): Table {
  const { description } = group.trials[0]!;
  const asked = sourceOf(description);
  const paper = fallback === null ? group.paper : null;
  const measures = measuresFor(description.success, paper, config.table.columns);
  const figure = successFigure(description.success);
  const rows = config.settings.flatMap((setting) => {
    const trials = group.trials.filter((trial) => trial.setting === setting.name);
    const members = placed.filter((each) => each.setting === setting.name);
    const rowsAt = (point: Point | null) =>
      rowsOf(config, setting, { trials, placed: members, point }, { measures, paper, figure });
    if (config.table.rows === 'arms') return rowsAt(null);
    return ranked(pointsOf(trials).flatMap(rowsAt), measures);
  });
  const isOverall = paper?.overall !== undefined && new Set(rows.map((row) => row.setting.name)).size > 1;
  const together = { trials: group.trials, placed, point: null };
  const overall = isOverall ? rowsOf(config, OVERALL, together, { measures, paper, figure }) : [];
  return {
    id: fallback === null ? group.id : `${group.id}.${fileName(fallback)}`,
    title:
      fallback === null ? titleOf(config, group) : `${config.name} on ${fallback}, laid out as ${group.id}`,
    config: config.name,
    profile: config.profile.name,
    scale: scaleOf(config),
    source: fallback ?? asked,
    insteadOf: fallback === null ? null : asked,
    success: description.success,
    paper,
    measures,
    rows: [...rows, ...overall],
  };
}

/** Not a name that a config can give to a setting. */
const OVERALL = { name: '(all)', title: 'All settings together', paper: null };

/** What is measured of every row. */
interface Measured {
  readonly measures: readonly Measure[];
  readonly paper: PaperTable | null;
  /** What arms are compared by. */
  readonly figure: Figure;
}

/** The trials of a setting, planned and stored, of which only those at `point` count, if one is given. */
interface Members {
  readonly trials: readonly Trial[];
  readonly placed: readonly Placed[];
  readonly point: Point | null;
}

/** The rows of one setting, or of all together, an arm each. */
function rowsOf(
  { arms }: TableConfig,
  { name, title }: TableConfig['settings'][number],
  { trials, placed, point }: Members,
  { measures, paper, figure }: Measured,
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

function titleOf(config: TableConfig, { paper }: Group): string {
  return paper?.title ?? config.description?.split('\n')[0] ?? config.name;
}

/** A profile other than `paper` is never taken to be at the paper's scale. */
function scaleOf({ profile }: TableConfig): string | null {
  return profile.title ?? (profile.name === 'paper' ? null : 'by how much is not stated');
}

function fileName(text: string): string {
  return text.replace(/[^\w-]+/g, '-');
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

function compareArms(
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
    meanDifference: mean(differences),
    signedRank: signedRank(differences),
  };
}
