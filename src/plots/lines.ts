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

/** A kind of chart that draws trials as lines over their updates. */
export interface Lines {
  /** As of a chart. */
  readonly name: string;
  caption(table: Table): string;
  /** The points of one trial, in order. */
  points(table: Table, placed: Placed): readonly LinePoint[];
  /** The vertical axis and its scale, the same in all panels. */
  y(table: Table, values: readonly number[]): Spec;
}

export interface LinePoint {
  /** Updates done. */
  readonly step: number;
  readonly value: number;
  /** Whether it was prescribed instead of measured, the same for all trials of an arm: drawn dashed. */
  readonly isGiven?: boolean;
}

/** More panels than this are a wall, not a picture: of a search's grid the first are drawn, and the chart says so. */
const mostPanels = 24;

/** Between panels, and for the axis to their left with what the other one's labels need beyond its end; in pixels. */
const gap = 24;
const axisWidth = 92;

interface LineValue extends LinePoint {
  readonly panel: string;
  readonly arm: string;
  readonly trial: string;
  readonly href?: string | undefined;
  readonly median?: string | undefined;
}

/** One chart, with a panel for each setting and grid point: a thin line per trial, the median of each arm thick. */
export function together(lines: Lines): ChartMaker {
  return (table, placed, drawing) => {
    const values = valuesOf(lines, table, placed, drawing);
    const panels = panelsOf(values);
    const left = panels.length > mostPanels ? ` (the first ${mostPanels} of ${panels.length} panels)` : '';
    const shown = values.filter(({ panel }) => panels.slice(0, mostPanels).includes(panel));
    return shown.length === 0 ? null : chartOf(lines, table, shown, shown, left, drawing);
  };
}

/** The same, a chart for each panel, all on one scale: for pages that put them side by side as far as there is room. */
export function apart(lines: Lines, table: Table, placed: readonly Placed[], drawing: Drawing): Chart[] {
  const values = valuesOf(lines, table, placed, drawing);
  const panels = panelsOf(values);
  return panels.slice(0, mostPanels).map((name, i) => {
    const left =
      i === 0 && panels.length > mostPanels ? ` (the first ${mostPanels} of ${panels.length})` : '';
    const own = values.filter(({ panel }) => panel === name);
    return chartOf(lines, table, own, values, left, drawing);
  });
}

/** @param scaled the values whose range the axes have. */
function chartOf(
  lines: Lines,
  table: Table,
  values: readonly LineValue[],
  scaled: readonly LineValue[],
  left: string,
  { layout, links }: Drawing,
): Chart {
  const scale = armScale(table);
  const color = { field: 'arm', type: 'nominal', scale, legend: legendOf(scale.domain, layout) } as const;
  const x = {
    field: 'step',
    type: 'quantitative',
    scale: { domain: [0, Math.max(...scaled.map(({ step }) => step))], nice: true },
    axis: { title: 'updates', tickCount: 4, format: '~s', labelOverlap: 'greedy' },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    ...lines.y(
      table,
      scaled.map(({ value }) => value),
    ),
  } as const;
  const overArm = { x, y: { ...y, aggregate: 'median' }, color, ...linkChannel(links, 'median') };
  const measured = [{ filter: '!datum.isGiven' }];
  const given = {
    transform: [{ filter: 'datum.isGiven' }],
    mark: { type: 'line', strokeWidth: 2, strokeDash: [6, 4] },
    encoding: overArm,
  };
  const layer = [
    {
      transform: measured,
      mark: { type: 'line', strokeWidth: 1, opacity: 0.4 },
      encoding: { x, y, color, detail: { field: 'trial', type: 'nominal' }, ...linkChannel(links) },
    },
    {
      transform: measured,
      mark: { type: 'line' },
      encoding: { ...overArm, strokeWidth: medianWidth(scale.domain[0]!) },
    },
    ...(values.some(({ isGiven }) => isGiven) ? [given] : []),
  ];
  const facet = {
    field: 'panel',
    type: 'nominal',
    sort: panelsOf(values),
    header: { title: null, labelAnchor: 'start', labelExpr: splitLines },
  };
  const caption = lines.caption(table) + left;
  return {
    name: lines.name,
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

/** What is drawn; none where no trial has two points, which is to say a line. */
function valuesOf(lines: Lines, table: Table, placed: readonly Placed[], drawing: Drawing): LineValue[] {
  const values = placed.flatMap((each) => lineOf(lines, table, each, drawing));
  const measured = values.filter(({ isGiven }) => !isGiven);
  const trials = new Set(measured.map(({ trial, panel }) => `${trial} ${panel}`));
  return trials.size === measured.length ? [] : values;
}

function lineOf(lines: Lines, table: Table, placed: Placed, { layout, links }: Drawing): LineValue[] {
  const { record, variation } = placed;
  const row = table.rows.find((each) => isOfRow(each, placed));
  if (row === undefined || record.outcome.kind === 'failed') return [];
  const point = Object.entries(variation).map(
    ([path, value]) => `${path.replace(/^\w+\./, '')} ${plain(value)}`,
  );
  const panel = [row.setting.title, ...point].join(', ');
  const label = {
    panel: wrap(panel, panelWidth(layout), 12, 'bold').join('\n'),
    arm: row.arm.title,
    trial: record.id,
    href: links?.trial(row, record.id),
    median: links?.row(row),
  };
  return lines.points(table, placed).map((each) => ({ ...label, ...each }));
}

function panelsOf(values: readonly LineValue[]): string[] {
  return inOrder(values.map(({ panel }) => panel));
}
