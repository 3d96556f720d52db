import { rowTitle } from '../tables/layout.js';
import { pValue } from '../tables/values.js';
import { armScale, type ChartMaker, frame, inOrder, linkChannel, plotWidth, rowStep, wrap } from './chart.js';

/** Paired differences: the pairs of equal seed and grid point that only this arm won, to the right, or only the first, to the left. */
export const pairs: ChartMaker = (table, _, links) => {
  const values = table.rows.flatMap((row) => {
    const compared = row.comparison;
    if (compared === null || compared.pairs === 0) return [];
    const label = {
      setting: wrap(row.setting.title, 80).join('\n'),
      row: wrap(rowTitle(table, row), 24).join('\n'),
      arm: row.arm.title,
      note: `p ${pValue(compared.mcNemar)}, ${compared.pairs} pairs`,
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
  const y = {
    field: 'row',
    type: 'nominal',
    sort: null,
    axis: { title: null, labelExpr: "split(datum.label, '\\n')", ticks: false, labelPadding: 10 },
  } as const;
  const caption =
    'Pairs of equal seed and grid point of which one trial succeeded: right, this arm’s; left, the first arm’s (McNemar’s p)';
  return {
    name: 'pairs',
    caption,
    spec: {
      ...frame(table, caption),
      data: { values },
      facet: {
        field: 'setting',
        type: 'nominal',
        sort: inOrder(values.map(({ setting }) => setting)),
        header: { title: null, labelAnchor: 'start', labelExpr: "split(datum.label, '\\n')" },
      },
      columns: 1,
      spacing: 12,
      resolve: { scale: { y: 'independent' } },
      spec: {
        width: plotWidth,
        height: { step: rowStep(values.map(({ row }) => row)) },
        encoding: { y },
        layer: [
          {
            mark: { type: 'bar', height: 14 },
            encoding: {
              x: {
                field: 'count',
                type: 'quantitative',
                // Room to the right of the longest bar that can be, for the note.
                scale: { domain: [-most, most * 1.6], nice: false },
                axis: {
                  title: 'pairs',
                  tickMinStep: 1,
                  labelExpr: `abs(datum.value) <= ${most} ? abs(datum.value) : ''`,
                },
              },
              color: { field: 'arm', type: 'nominal', scale: armScale(table), legend: null },
              ...linkChannel(links),
            },
          },
          {
            mark: { type: 'text', align: 'right', x: plotWidth - 6, fontSize: 11 },
            encoding: { text: { field: 'note', aggregate: 'max', type: 'nominal' } },
          },
        ],
      },
    },
  };
};
