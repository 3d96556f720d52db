import { pValue } from '../tables/values.js';
import { armScale, type ChartMaker, linkChannel, rowChart, rowLabel } from './chart.js';

/** Paired differences: the pairs of equal seed and grid point that only this arm won, to the right, or only the first, to the left. */
export const pairs: ChartMaker = (table, _, { layout, links }) => {
  const values = table.rows.flatMap((row) => {
    const compared = row.comparison;
    if (compared === null || compared.pairs === 0) return [];
    const label = {
      ...rowLabel(table, row, layout, `p ${pValue(compared.mcNemar)}, ${compared.pairs} pairs`),
      arm: row.arm.title,
      pairs: compared.pairs,
      href: links?.row(row),
    };
    return [
      { ...label, count: compared.won },
      { ...label, count: -compared.lost },
    ];
  });
  if (values.length === 0) return null;
  const most = Math.max(1, ...values.map(({ pairs: count }) => count));
  const caption =
    'Pairs of equal seed and grid point of which one trial succeeded: right, this arm’s; left, the first arm’s (McNemar’s p)';
  const layer = [
    {
      mark: { type: 'bar', height: 14 },
      encoding: {
        x: {
          field: 'count',
          type: 'quantitative',
          scale: { domain: [-most, most], nice: false },
          axis: { title: 'pairs', tickMinStep: 1, tickCount: 6, labelExpr: 'abs(datum.value)' },
        },
        color: { field: 'arm', type: 'nominal', scale: armScale(table), legend: null },
        ...linkChannel(links),
      },
    },
  ];
  return { name: 'pairs', caption, spec: rowChart(table, caption, values, layer, layout) };
};
