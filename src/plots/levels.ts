import type { Measure } from '../tables/measure.js';
import type { Row } from '../tables/rows.js';
import { armScale, type ChartMaker, linkChannel, rowChart, rowLabel } from './chart.js';
import { paperNote, shareMarks } from './shares.js';

/** Counts under error levels, as in the paper's table 6, and of the further criteria that a config counts by: a line for each level and arm. */
export const levels: ChartMaker = (table, _, { layout, links }) => {
  const counted = table.rows.filter(({ counted }) => counted > 0);
  const values = [...table.measures.entries()]
    .filter(([, { kind }]) => kind === 'below' || kind === 'meets')
    .flatMap(([i, measure]) =>
      counted.map((row) => ({
        ...rowLabel(table, row, layout, levelOf(measure), countsOf(row, i, table.paper?.trials ?? null)),
        arm: row.arm.title,
        share: row.figures[i]!,
        low: 0,
        high: row.figures[i]!,
        paper: row.paper[i]!,
        href: links?.row(row),
      })),
    );
  if (values.length === 0) return null;
  const caption = `Trials that come under each level, as shares of all${paperNote(values)}`;
  const layer = shareMarks({
    axis: { title: 'share of trials', format: '~%' },
    // A little beyond the largest, so that no mark is cut.
    largest: 1.05 * Math.max(...values.flatMap(({ share, paper }) => [share, paper ?? 0])) || 1,
    color: { field: 'arm', type: 'nominal', scale: armScale(table), legend: null },
    link: linkChannel(links),
  });
  return { name: 'levels', caption, spec: rowChart(table, caption, values, layer, layout) };
};

function levelOf({ kind, heading, metric }: Measure): string {
  return kind === 'below' ? `${metric} ${heading}` : heading;
}

/** Ours, and the paper's where it has them: of very many runs, which shares alone do not tell. */
function countsOf({ figures, paper, counted }: Row, i: number, paperTrials: number | null): string {
  const ours = `${Math.round(figures[i]! * counted)} of ${counted}`;
  const share = paper[i] ?? null;
  if (share === null || paperTrials === null) return ours;
  return `${ours}; paper: ${Math.round(share * paperTrials)} of ${paperTrials}`;
}
