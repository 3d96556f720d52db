import { type PaperTable, paper } from './paper-table.js';

const trials = 7290;
const percents = [1, 2, 3, 5];

/** Binary multiplication by Neural GPUs: counts of runs below an error, kept as shares of all runs. */
export const table6: PaperTable = {
  id: 'table-6',
  title: 'Table 6: Neural GPUs below an error level on 200-digit binary multiplication',
  citation: `${paper}, section 4.5, table 6; counts of ${trials} runs per arm`,
  trials,
  columns: percents.map((percent) => ({
    id: `below-${percent}`,
    heading: `< ${percent}%`,
    kind: 'below',
    threshold: percent / 100,
  })),
  rows: [row('no-noise', 28, 90, 172, 387), row('with-noise', 58, 159, 282, 570)],
};

function row(arm: string, ...counts: number[]) {
  const values = Object.fromEntries(percents.map((percent, i) => [`below-${percent}`, counts[i]! / trials]));
  return { setting: 'multiplication', heading: 'Binary multiplication', arm, values };
}
