import { type PaperTable, paper } from './paper-table.js';

/** The k-th element of a linked list. */
export const table5: PaperTable = {
  id: 'table-5',
  title: 'Table 5: share of Neural Random-Access Machines that find the k-th element of every list',
  citation: `${paper}, section 4.4, table 5; 100 random initialisations per setting and arm`,
  trials: 100,
  columns: [{ id: 'success', heading: 'success', kind: 'success' }],
  rows: [
    row(1, 'no-noise', 0.01),
    row(1, 'with-noise', 0.05),
    row(2, 'no-noise', 0),
    row(2, 'with-noise', 0.22),
    row(3, 'no-noise', 0.03),
    row(3, 'with-noise', 0.07),
  ],
  overall: { 'no-noise': { success: 0.013 }, 'with-noise': { success: 0.113 } },
};

function row(n: number, arm: string, success: number) {
  return { setting: `setting-${n}`, heading: `Setting ${n}`, arm, values: { success } };
}
