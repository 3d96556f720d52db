import type { MeasureKind, PaperColumn, PaperTable } from '../paper/paper-table.js';
import type { TrialRecord } from '../results/record.js';
import type { Metric, MetricsByName } from '../trials/metric.js';
import type { SuccessCriterion } from '../trials/trial.js';
import type { TableConfig } from './plan.js';

/** One of the figures that an experiment reports. */
export interface Figure {
  readonly metric: string;
  readonly better: Metric['better'];
  /** Fractions are shown as per cent. */
  readonly fraction: boolean;
}

/** What one column group of a table shows: our figure, the paper's where it has one, and the difference. */
export interface Measure extends Figure {
  /** Its column in CSV files; ends in its unit. */
  readonly key: string;
  readonly heading: string;
  /** `meets` counts the trials that meet a criterion of the config's. */
  readonly kind: MeasureKind | 'meets';
  /** Of `meets`. */
  readonly criterion?: SuccessCriterion;
  readonly threshold: number | null;
  /** Whether the measure itself is a fraction, as shares of trials are whatever the metric. */
  readonly share: boolean;
  /** Id of the paper's column that it answers to. */
  readonly paperColumn: string | null;
  /** Whether the config asks for it by name. */
  readonly asked: boolean;
}

/**
 * The measures of a table: those of the paper's table, as far as the experiment reports what they are of; best, average and
 * success of the success metric; and the averages of other metrics that the config asks for.
 * @param success the figure by which success is judged.
 */
export function measuresFor(
  metrics: MetricsByName,
  success: Figure,
  paper: PaperTable | null,
  { columns = [], counts = [] }: Partial<TableConfig['table']> = {},
): Measure[] {
  const standard = (['best', 'average', 'success'] as const).map((kind) => {
    const asked = kind === 'average' && columns.includes(success.metric);
    return { ...measure(success, { kind, heading: asked ? success.metric : kind }), asked };
  });
  const theirs = (paper?.columns ?? [])
    .filter(({ metric }) => metric === undefined || metric in metrics)
    .map((column) => measure(column.metric ? figureNamed(column.metric, metrics) : success, column));
  const asked = columns.map((metric) => {
    const figure = figureNamed(metric, metrics);
    return { ...measure(figure, { kind: 'average', heading: metric }), asked: true };
  });
  const counted = counts.map((criterion) => countOf(criterion, metrics));
  const keys = new Set<string>();
  return [...theirs, ...standard, ...asked, ...counted].filter(({ key }) => keys.size < keys.add(key).size);
}

/** @throws Error if the experiment does not report it, which a config that was read makes sure of. */
export function figureNamed(metric: string, metrics: MetricsByName): Figure {
  const known = metrics[metric];
  if (!known) throw new Error(`No metric is called ${metric}; there are ${Object.keys(metrics).join(', ')}.`);
  return { metric, better: known.better, fraction: known.kind === 'share' };
}

/**
 * The measure over a cell's trials, or null when there is nothing to measure. Trials that failed are never among them.
 * Best is over trials that trained to the end; a diverged trial is not below any error, has not succeeded, and enters
 * the average with the last figure that was measured of it.
 */
export function measureRecords(measure: Measure, records: readonly TrialRecord[]): number | null {
  const finished = records.filter(({ outcome }) => outcome.kind !== 'failed');
  if (finished.length === 0) return null;
  const trained = finished.filter(({ outcome }) => outcome.kind !== 'diverged');
  const share = (members: readonly TrialRecord[]) => members.length / finished.length;
  switch (measure.kind) {
    case 'success':
      return share(finished.filter(({ outcome }) => outcome.kind === 'succeeded'));
    case 'below':
      return share(trained.filter((record) => isBelow(measure, record)));
    case 'meets':
      return share(trained.filter((record) => meets(measure, record)));
    case 'best':
      return extreme(figures(measure, trained), measure.better);
    case 'average':
      return mean(figures(measure, finished));
  }
}

/**
 * A trial's figure: that at the end of training, or the last finite one on its curve. A trial of which nothing finite was
 * ever measured has the worst figure where that is known, 0 or 1 for a fraction, and else none.
 */
export function figureOf({ metric, better, fraction }: Figure, record: TrialRecord): number | null {
  const measured = [...record.curve.map(({ metrics }) => metrics[metric]), record.metrics[metric]];
  const last = measured.findLast((value) => value !== undefined && Number.isFinite(value));
  if (last !== undefined) return last;
  return fraction ? (better === 'higher' ? 0 : 1) : null;
}

/** Of no figures null. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function measure(
  figure: Figure,
  column: Pick<PaperColumn, 'kind' | 'heading' | 'threshold'> & { readonly id?: string },
): Measure {
  const { kind, heading, threshold = null } = column;
  const share = kind === 'success' || kind === 'below' || figure.fraction;
  const names = {
    best: `best_${figure.metric}`,
    average: `average_${figure.metric}`,
    success: 'success',
    below: `error_below_${threshold}`,
  };
  const key = names[kind] + (share ? '_fraction' : '');
  return { ...figure, key, heading, kind, threshold, share, paperColumn: column.id ?? null, asked: false };
}

function countOf(criterion: SuccessCriterion, metrics: MetricsByName): Measure {
  const { metric, above, below } = criterion;
  const [word, sign, level] = above === undefined ? ['below', '<', below] : ['above', '>', above];
  return {
    ...figureNamed(metric, metrics),
    key: `${metric}_${word}_${level}_fraction`,
    heading: `${metric} ${sign} ${level}`,
    kind: 'meets',
    criterion,
    threshold: null,
    share: true,
    paperColumn: null,
    asked: true,
  };
}

/** Whether a trial that trained to the end meets the criterion of a measure. */
function meets(measure: Measure, record: TrialRecord): boolean {
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = measure.criterion!;
  const figure = record.metrics[measure.metric];
  return figure !== undefined && figure > above && figure < below;
}

/** An error below the limit, exclusive; for figures of which more is better the error is what they lack to 1. */
function isBelow(measure: Measure, record: TrialRecord): boolean {
  const figure = figureOf(measure, record);
  if (figure === null) return false;
  // 1 - 0.97 is not 0.03 in floating point.
  const error = measure.better === 'higher' ? Number((1 - figure).toFixed(12)) : figure;
  return error < measure.threshold!;
}

function figures(measure: Measure, records: readonly TrialRecord[]): number[] {
  return records.map((record) => figureOf(measure, record)).filter((figure) => figure !== null);
}

function extreme(values: readonly number[], better: 'higher' | 'lower'): number | null {
  if (values.length === 0) return null;
  return values.reduce((a, b) => (better === 'higher' ? Math.max(a, b) : Math.min(a, b)));
}
