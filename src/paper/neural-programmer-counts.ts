import { type PaperTable, paper } from './paper-table.js';

const trials = 216;

/** Restarts of the Neural Programmer, counted in the running text: not one of the numbered tables. */
export const neuralProgrammerCounts: PaperTable = {
  id: 'neural-programmer-counts',
  title: 'Section 4.3: Neural Programmer runs that reach 100% test accuracy, single column of numbers',
  citation: `${paper}, section 4.3; 72 hyper-parameter settings x 3 seeds per arm: 1, 9 and 0 runs of ${trials}`,
  trials,
  columns: [{ id: 'success', heading: 'at 100%', kind: 'success' }],
  rows: [row('no-noise', 1), row('with-noise', 9), row('dropout', 0)],
};

function row(arm: string, count: number) {
  return { setting: 'single-column', heading: 'Single column', arm, values: { success: count / trials } };
}
