import { canonicalJson, type Json } from '../json.js';
import type { TrialRecord } from '../results/record.js';
import type { MetricsByName } from '../trials/metric.js';
import type { SuccessCriterion, Trial, TrialDescription } from '../trials/trial.js';
import type { DecidingTest } from './comparison.js';

/** What a table needs to know of a config under one profile. */
export interface TableConfig {
  /** Path of the file that it was read from. */
  readonly file: string;
  readonly name: string;
  readonly description: string | null;
  readonly experiment: { readonly metrics: MetricsByName };
  readonly table: {
    /** A row for each arm of a setting, or one for each point of its grid and arm, the best first. */
    readonly rows: 'arms' | 'points';
    /** Metrics whose averages are shown beside the success metric. */
    readonly columns: readonly string[];
    /** Further criteria whose trials are counted. */
    readonly counts?: readonly SuccessCriterion[];
    /** The test whose p-values are corrected for the number of comparisons; left out, none are. */
    readonly test?: DecidingTest;
  };
  readonly profile: {
    readonly name: string;
    /** What its scale is, when that is not the paper's. */
    readonly title: string | null;
  };
  /** Row blocks in order; `paper` is the id of the paper's table that a setting answers to. */
  readonly settings: readonly {
    readonly name: string;
    readonly title: string;
    readonly paper: string | null;
  }[];
  /** In order; within a setting the others are compared with the first. */
  readonly arms: readonly { readonly name: string; readonly title: string }[];
}

/** A config and all its trials. */
export interface TablePlan {
  readonly config: TableConfig;
  /** With the data that the config asks for, whatever stands in for it: that is what goes beside the paper. */
  readonly trials: readonly Trial[];
}

/** A stored trial at its place in the plan. */
export interface Placed {
  readonly record: TrialRecord;
  /** Labels as they are planned now: a record keeps those under which it was trained. */
  readonly setting: string;
  readonly arm: string;
  readonly variation: { readonly [path: string]: Json };
  /** The data it was trained on, when that is not what the config asks for, e.g. `synthetic-digits`. */
  readonly fallback: string | null;
}

/**
 * Finds each record's place: that of the planned trials whose description is the same but for the seed and for where the
 * data came from. Records that have none (an older revision, settings since changed) are counted in `unplaced`.
 */
export function placeRecords(
  plan: TablePlan,
  records: readonly TrialRecord[],
): { placed: Placed[]; unplaced: number } {
  const cells = new Map<string, Map<string, Trial>>();
  for (const trial of plan.trials) {
    const key = cellKey(trial.description);
    if (!cells.has(key)) cells.set(key, new Map());
    cells.get(key)!.set(canonicalJson([trial.setting, trial.arm]), trial);
  }
  const placed: Placed[] = [];
  let unplaced = 0;
  for (const record of records) {
    const places = [...(cells.get(cellKey(record.description))?.values() ?? [])];
    if (places.length === 0) unplaced += 1;
    for (const { setting, arm, variation, description } of places) {
      const source = sourceOf(record.description);
      placed.push({
        record,
        setting,
        arm,
        variation,
        fallback: source === sourceOf(description) ? null : source,
      });
    }
  }
  return { placed: placed.sort(byPlace(plan.config)), unplaced };
}

/** The data set a description names, where it names one. */
export function sourceOf({ data }: TrialDescription): string | null {
  return typeof data.source === 'string' ? data.source : null;
}

/** Equal for trials of one cell, whatever their seed and whichever data set stood in for the one asked for. */
export function cellKey({ seed: _seed, data, ...rest }: TrialDescription): string {
  const { source: _source, fallback: _fallback, ...others } = data;
  return canonicalJson({ ...rest, data: others });
}

function byPlace({ settings, arms }: TableConfig): (a: Placed, b: Placed) => number {
  const order = (list: readonly { readonly name: string }[]) => new Map(list.map(({ name }, i) => [name, i]));
  const setting = order(settings);
  const arm = order(arms);
  return (a, b) =>
    (setting.get(a.setting) ?? 0) - (setting.get(b.setting) ?? 0) ||
    (arm.get(a.arm) ?? 0) - (arm.get(b.arm) ?? 0) ||
    compare(canonicalJson(a.variation), canonicalJson(b.variation)) ||
    a.record.description.seed - b.record.description.seed ||
    compare(a.record.id, b.record.id);
}

/** By code units: the same on every machine, unlike `localeCompare`. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
