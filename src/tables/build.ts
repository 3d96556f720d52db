import { canonicalJson } from '../json.js';
import { paperTable } from '../paper/index.js';
import type { PaperTable } from '../paper/paper-table.js';
import type { TrialRecord } from '../results/record.js';
import type { SuccessCriterion, Trial } from '../trials/trial.js';
import { type DecidingTest, withCorrected } from './comparison.js';
import { type Figure, figureNamed, type Measure, measuresFor } from './measure.js';
import { type Placed, placeRecords, sourceOf, type TableConfig, type TablePlan } from './plan.js';
import { overallRows, type Row, settingRows } from './rows.js';

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
  /** What success is judged by, and arms are compared by. */
  readonly figure: Figure;
  /** The paper's table it answers to; null for data that stand in for others. */
  readonly paper: PaperTable | null;
  readonly measures: readonly Measure[];
  /** The test whose p-values are corrected for the number of comparisons; null where the config names none. */
  readonly test: DecidingTest | null;
  readonly rows: readonly Row[];
  /** The arms of its rows, each once, in order. */
  readonly arms: readonly Row['arm'][];
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
  const { metrics } = config.experiment;
  const { test } = config.table;
  const figure = figureNamed(description.success.metric, metrics);
  const measures = measuresFor(metrics, figure, paper, config.table);
  const settings = config.settings.filter(({ name }) => group.trials.some(({ setting }) => setting === name));
  const members = { trials: group.trials, placed };
  const measured = { measures, paper, figure };
  const rows = settings.flatMap((setting) => settingRows(config, setting, members, measured));
  const isOverall = paper?.overall !== undefined && settings.length > 1;
  const overall = isOverall ? overallRows(config, settings, members, measured) : [];
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
    figure,
    paper,
    measures,
    test: test ?? null,
    rows: test === undefined ? [...rows, ...overall] : withCorrected([...rows, ...overall], test),
    arms: [...new Map(rows.map(({ arm }) => [arm.name, arm])).values()],
  };
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
