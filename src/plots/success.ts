import { armScale, type ChartMaker, linkChannel, rowChart, rowLabel } from './chart.js';

/** Success rates with Wilson's 95% intervals, a line for each row of the table; the paper's figure is a mark beside them. */
export const success: ChartMaker = (table, _, links) => {
  const measure = table.measures.findIndex(({ kind }) => kind === 'success');
  const values = table.rows
    .filter(({ successInterval }) => successInterval !== null)
    .map((row) => ({
      ...rowLabel(table, row),
      arm: row.arm.title,
      rate: row.figures[measure],
      low: row.successInterval!.low,
      high: row.successInterval!.high,
      paper: row.paper[measure],
      trials: row.counted,
      href: links?.row(row),
    }));
  if (values.length === 0) return null;
  const hasPaper = values.some(({ paper }) => paper !== null);
  const x = { type: 'quantitative', scale: { domain: [0, 1] } } as const;
  const color = { field: 'arm', type: 'nominal', scale: armScale(table), legend: null } as const;
  const { metric, above, below } = table.success;
  const criterion = above === undefined ? `below ${below}` : `above ${above}`;
  const caption = `Share of trials with ${metric} ${criterion}, and its 95% interval${hasPaper ? '; the diamond is the paper’s' : ''}`;
  const link = linkChannel(links);
  return {
    name: 'success',
    caption,
    spec: rowChart(table, caption, values, [
      {
        mark: { type: 'rule', strokeWidth: 3, opacity: 0.6 },
        encoding: {
          x: { field: 'low', ...x, axis: { title: 'success rate', format: '.0%', tickCount: 5 } },
          x2: { field: 'high' },
          color,
          ...link,
        },
      },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding: { x: { field: 'rate', ...x }, color, ...link },
      },
      {
        transform: [{ filter: 'datum.paper !== null' }],
        mark: {
          type: 'point',
          shape: 'diamond',
          size: 130,
          stroke: 'black',
          strokeWidth: 1.5,
          opacity: 1,
        },
        encoding: { x: { field: 'paper', ...x }, ...link },
      },
    ]),
  };
};
