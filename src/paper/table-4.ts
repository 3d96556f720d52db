import { type PaperTable, paper } from './paper-table.js';

/** The Neural Programmer on synthetic tables. */
export const table4: PaperTable = {
  id: 'table-4',
  title: 'Table 4: Neural Programmer test accuracy after careful hyper-parameter selection',
  citation: `${paper}, section 4.3, table 4; the number of runs behind the selection is not given`,
  trials: null,
  columns: [{ id: 'best', heading: 'accuracy', kind: 'best' }],
  rows: [
    row('five-columns', 'Five columns', 'no-noise', 0.953),
    row('five-columns', 'Five columns', 'with-noise', 0.987),
    row('five-columns', 'Five columns', 'dropout', 0.974),
    row('five-columns', 'Five columns', 'dropout-with-noise', 0.992),
    row('text-entries', 'Text entries', 'no-noise', 0.976),
    row('text-entries', 'Text entries', 'with-noise', 0.988),
    row('text-entries', 'Text entries', 'dropout', 0.991),
    row('text-entries', 'Text entries', 'dropout-with-noise', 0.973),
  ],
};

function row(setting: string, heading: string, arm: string, best: number) {
  return { setting, heading, arm, values: { best } };
}
