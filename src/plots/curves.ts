import type { TrialRecord } from '../results/record.js';
import type { Table } from '../tables/build.js';
import type { Placed } from '../tables/plan.js';
import { isOfRow } from '../tables/rows.js';
import { plain } from '../tables/values.js';
import { armScale, type ChartMaker, frame, inOrder, type Links, linkChannel, wrap } from './chart.js';

/** More panels than this are a wall, not a picture: of a search's grid the first are drawn, and the chart says so. */
const mostPanels = 24;

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
export const curves: ChartMaker = (table, placed, links) => {
  const all = placed.flatMap((each) => curveOf(table, each, links));
  const panels = [...new Set(all.map(({ panel }) => panel))];
  const shown = new Set(panels.slice(0, mostPanels));
  const values = all.filter(({ panel }) => shown.has(panel));
  // A trial that was evaluated once has no curve, and without two points nothing would be drawn.
  if (new Set(values.map(({ trial, panel }) => `${trial} ${panel}`)).size === values.length) return null;
  const left = panels.length > mostPanels ? ` (the first ${mostPanels} of ${panels.length} panels)` : '';
  const { metric, fraction } = table.figure;
  const color = {
    field: 'arm',
    type: 'nominal',
    scale: armScale(table),
    legend: { title: null, orient: 'bottom', columns: 3, symbolOpacity: 1, symbolStrokeWidth: 3 },
  } as const;
  const x = {
    field: 'step',
    type: 'quantitative',
    axis: { title: 'updates', tickCount: 4, format: '~s', labelOverlap: 'greedy' },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    axis: { title: metric, tickCount: 5, format: fraction ? '.0%' : '~g' },
  } as const;
  const caption = `${metric} over training: a thin line per trial, the median of an arm thick${left}`;
  return {
    name: 'curves',
    caption,
    spec: {
      ...frame(table, caption),
      data: { values },
      facet: {
        field: 'panel',
        type: 'nominal',
        sort: inOrder(values.map(({ panel }) => panel)),
        header: { title: null, labelAnchor: 'start', labelExpr: "split(datum.label, '\\n')" },
      },
      columns: 2,
      spacing: { row: 18, column: 24 },
      spec: {
        width: 290,
        height: 150,
        layer: [
          {
            mark: { type: 'line', strokeWidth: 1, opacity: 0.4 },
            encoding: { x, y, color, detail: { field: 'trial', type: 'nominal' }, ...linkChannel(links) },
          },
          {
            mark: { type: 'line', strokeWidth: 3 },
            encoding: { x, y: { ...y, aggregate: 'median' }, color, ...linkChannel(links, 'median') },
          },
        ],
      },
    },
  };
};

/** A trial's curve of the success metric. */
function curveOf(table: Table, placed: Placed, links: Links | null): CurveValue[] {
  const { record, variation } = placed;
  const row = table.rows.find((each) => isOfRow(each, placed));
  if (row === undefined || record.outcome.kind === 'failed') return [];
  const point = Object.entries(variation).map(
    ([path, value]) => `${path.replace(/^\w+\./, '')} ${plain(value)}`,
  );
  const panel = wrap([row.setting.title, ...point].join(', '), 38).join('\n');
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
