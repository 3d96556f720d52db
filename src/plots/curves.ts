import type { Table } from '../tables/build.js';
import type { Placed } from '../tables/plan.js';
import { plain } from '../tables/values.js';
import { armScale, type ChartMaker, frame, inOrder, wrap } from './chart.js';

/** More panels than this are a wall, not a picture: of a search's grid the first are drawn, and the chart says so. */
const mostPanels = 24;

interface CurveValue {
  readonly panel: string;
  readonly arm: string;
  readonly trial: string;
  readonly step: number;
  readonly value: number;
}

/** Learning curves, a panel for each setting and grid point: a thin line per trial, the median of each arm thick. */
export const curves: ChartMaker = (table, placed) => {
  const all = placed.flatMap((each) => curveOf(table, each));
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
  return {
    name: 'curves',
    spec: {
      ...frame(table, `${metric} over training: a thin line per trial, the median of an arm thick${left}`),
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
            encoding: { x, y, color, detail: { field: 'trial', type: 'nominal' } },
          },
          {
            mark: { type: 'line', strokeWidth: 3 },
            encoding: { x, y: { ...y, aggregate: 'median' }, color },
          },
        ],
      },
    },
  };
};

/** The points of a trial at which the success metric was measured and is finite. */
function curveOf(table: Table, { record, setting, arm, variation }: Placed): CurveValue[] {
  const row = table.rows.find((each) => each.setting.name === setting && each.arm.name === arm);
  if (row === undefined || record.outcome.kind === 'failed') return [];
  const point = Object.entries(variation).map(
    ([path, value]) => `${path.replace(/^\w+\./, '')} ${plain(value)}`,
  );
  const panel = wrap([row.setting.title, ...point].join(', '), 38).join('\n');
  return record.curve.flatMap(({ step, metrics }) => {
    const value = metrics[table.figure.metric];
    if (value === undefined || !Number.isFinite(value)) return [];
    return [{ panel, arm: row.arm.title, trial: record.id, step, value }];
  });
}
