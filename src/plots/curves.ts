import type { TrialRecord } from '../results/record.js';
import type { Table } from '../tables/build.js';
import type { Placed } from '../tables/plan.js';
import { isOfRow } from '../tables/rows.js';
import { plain } from '../tables/values.js';
import {
  armScale,
  type Chart,
  type ChartMaker,
  type Drawing,
  frame,
  innerWidth,
  inOrder,
  type Layout,
  linkChannel,
  type Spec,
  splitLines,
} from './chart.js';
import { wrap } from './text-width.js';

/** More panels than this are a wall, not a picture: of a search's grid the first are drawn, and the chart says so. */
const mostPanels = 24;

/** Between panels, and for the axis to their left with what the other one's labels need beyond its end; in pixels. */
const gap = 24;
const axisWidth = 92;

interface CurveValue {
  readonly panel: string;
  readonly arm: string;
  readonly trial: string;
  readonly step: number;
  readonly value: number;
  readonly href?: string | undefined;
  readonly median?: string | undefined;
}

/** Learning curves, a panel for each setting and grid point: a thin line per trial, the median of each arm thick. */
export const curves: ChartMaker = (table, placed, drawing) => {
  const values = valuesOf(table, placed, drawing);
  const panels = panelsOf(values);
  const left = panels.length > mostPanels ? ` (the first ${mostPanels} of ${panels.length} panels)` : '';
  const shown = values.filter(({ panel }) => panels.slice(0, mostPanels).includes(panel));
  return shown.length === 0 ? null : chartOf(table, shown, limitsOf(shown), left, drawing);
};

/** The same, a chart for each panel, all on one scale: for pages that put them side by side as far as there is room. */
export function curvePanels(table: Table, placed: readonly Placed[], drawing: Drawing): Chart[] {
  const values = valuesOf(table, placed, drawing);
  const panels = panelsOf(values);
  return panels.slice(0, mostPanels).map((name, i) => {
    const left =
      i === 0 && panels.length > mostPanels ? ` (the first ${mostPanels} of ${panels.length})` : '';
    const own = values.filter(({ panel }) => panel === name);
    return chartOf(table, own, limitsOf(values), left, drawing);
  });
}

/** Where the axes end. */
interface Limits {
  readonly step: number;
  readonly value: number;
  /** Of the vertical one, unless it begins at 0. */
  readonly least: number;
}

function limitsOf(values: readonly CurveValue[]): Limits {
  return {
    step: Math.max(...values.map(({ step }) => step)),
    value: Math.max(...values.map(({ value }) => value)),
    least: Math.min(...values.map(({ value }) => value)),
  };
}

function panelsOf(values: readonly CurveValue[]): string[] {
  return inOrder(values.map(({ panel }) => panel));
}

function chartOf(
  table: Table,
  values: readonly CurveValue[],
  limits: Limits,
  left: string,
  { layout, links }: Drawing,
): Chart {
  const { metric, fraction } = table.figure;
  const scale = armScale(table);
  const color = { field: 'arm', type: 'nominal', scale, legend: legendOf(scale.domain, layout) } as const;
  const x = {
    field: 'step',
    type: 'quantitative',
    scale: { domain: [0, limits.step], nice: true },
    axis: { title: 'updates', tickCount: 4, format: '~s', labelOverlap: 'greedy' },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [Math.min(0, limits.least), limits.value], nice: true },
    axis: { title: metric, tickCount: 5, format: fraction ? '.0%' : '~g' },
  } as const;
  const caption = `${metric} over training: a thin line per trial, the median of an arm thick${left}`;
  const layer = [
    {
      mark: { type: 'line', strokeWidth: 1, opacity: 0.4 },
      encoding: { x, y, color, detail: { field: 'trial', type: 'nominal' }, ...linkChannel(links) },
    },
    {
      mark: { type: 'line' },
      encoding: {
        x,
        y: { ...y, aggregate: 'median' },
        color,
        strokeWidth: medianWidth(scale.domain[0]!),
        ...linkChannel(links, 'median'),
      },
    },
  ];
  const facet = {
    field: 'panel',
    type: 'nominal',
    sort: panelsOf(values),
    header: { title: null, labelAnchor: 'start', labelExpr: splitLines },
  };
  return {
    name: 'curves',
    caption,
    spec: {
      ...frame(table, caption, layout),
      data: { values },
      facet,
      columns: layout.columns,
      spacing: { row: 18, column: gap },
      spec: { width: panelWidth(layout), height: 150, layer },
    },
  };
}

/** Width of what a panel draws. */
function panelWidth(layout: Layout): number {
  return Math.floor((innerWidth(layout) - axisWidth - gap * (layout.columns - 1)) / layout.columns);
}

/** Arms that go the same way lie on each other: the lower line shows at the edges of the upper. */
function medianWidth(lowest: string): Spec {
  return { condition: { test: `datum.arm === ${JSON.stringify(lowest)}`, value: 5 }, value: 2.5 };
}

function legendOf(arms: readonly string[], layout: Layout): Spec {
  const lines = Object.fromEntries(arms.map((arm) => [arm, wrap(arm, panelWidth(layout))]));
  return {
    title: null,
    orient: 'bottom',
    columns: layout.columns,
    symbolOpacity: 1,
    symbolStrokeWidth: 3,
    labelExpr: `(${JSON.stringify(lines)})[datum.label]`,
  };
}

/** What is drawn; none where no trial has two points, which is to say a curve. */
function valuesOf(table: Table, placed: readonly Placed[], drawing: Drawing): CurveValue[] {
  const values = placed.flatMap((each) => curveOf(table, each, drawing));
  const curves = new Set(values.map(({ trial, panel }) => `${trial} ${panel}`));
  return curves.size === values.length ? [] : values;
}

/** A trial's curve of the success metric. */
function curveOf(table: Table, placed: Placed, { layout, links }: Drawing): CurveValue[] {
  const { record, variation } = placed;
  const row = table.rows.find((each) => isOfRow(each, placed));
  if (row === undefined || record.outcome.kind === 'failed') return [];
  const point = Object.entries(variation).map(
    ([path, value]) => `${path.replace(/^\w+\./, '')} ${plain(value)}`,
  );
  const panel = wrap([row.setting.title, ...point].join(', '), panelWidth(layout), 12, 'bold').join('\n');
  const label = {
    panel,
    arm: row.arm.title,
    trial: record.id,
    href: links?.trial(row, record.id),
    median: links?.row(row),
  };
  return measuredPoints(record, table.figure.metric).map((point) => ({ ...label, ...point }));
}

/** The points of a trial's curve at which a metric was measured and is finite. */
export function measuredPoints({ curve }: TrialRecord, metric: string): { step: number; value: number }[] {
  return curve.flatMap(({ step, metrics }) => {
    const value = metrics[metric];
    return value === undefined || !Number.isFinite(value) ? [] : [{ step, value }];
  });
}
