import { armScale, type ChartMaker, linkChannel, rowChart, rowLabel } from './chart.js';
import { paperNote, shareMarks } from './shares.js';

/** Success rates with Wilson's 95% intervals, a line for each row of the table; the paper's figure is a mark beside them. */
export const success: ChartMaker = (table, _, { layout, links }) => {
  const measure = table.measures.findIndex(({ kind }) => kind === 'success');
  const values = table.rows
    .filter(({ successInterval }) => successInterval !== null)
    .map((row) => ({
      ...rowLabel(table, row, layout),
      arm: row.arm.title,
      share: row.figures[measure]!,
      low: row.successInterval!.low,
      high: row.successInterval!.high,
      paper: row.paper[measure]!,
      href: links?.row(row),
    }));
  if (values.length === 0) return null;
  const { metric, above, below } = table.success;
  const criterion = above === undefined ? `below ${below}` : `above ${above}`;
  const caption = `Share of trials with ${metric} ${criterion}, and its 95% interval${paperNote(values)}`;
  const layer = shareMarks({
    axis: { title: 'success rate', format: '.0%', values: [0, 0.25, 0.5, 0.75, 1] },
    largest: 1,
    color: { field: 'arm', type: 'nominal', scale: armScale(table), legend: null },
    link: linkChannel(links),
  });
  return { name: 'success', caption, spec: rowChart(table, caption, values, layer, layout) };
};
