import { type PaperTable, paper } from './paper-table.js';

/** End-to-end memory networks on bAbI. */
export const table2: PaperTable = {
  id: 'table-2',
  title: 'Table 2: error rates of end-to-end memory networks on bAbI',
  citation: `${paper}, section 4.2, table 2; "typical" gains, the number of runs and their selection are not given`,
  trials: null,
  columns: [
    { id: 'train', heading: 'training error', kind: 'average', metric: 'trainError' },
    {
      id: 'validation',
      heading: 'validation error',
      kind: 'average',
      metric: 'validationError',
    },
  ],
  rows: [
    row('one-stage', 'One-stage training', 'no-noise', 0.105, 0.195),
    row('one-stage', 'One-stage training', 'with-noise', 0.096, 0.166),
    row('two-stage', 'Two-stage training', 'no-noise', 0.062, 0.109),
    row('two-stage', 'Two-stage training', 'with-noise', 0.059, 0.108),
  ],
};

function row(setting: string, heading: string, arm: string, train: number, validation: number) {
  return { setting, heading, arm, values: { train, validation } };
}
