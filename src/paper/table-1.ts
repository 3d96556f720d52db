import { type PaperTable, paper } from './paper-table.js';

const simple = 'Experiment 1: Simple Init, no gradient clipping';
const clip100 = 'Experiment 2: Simple Init, gradient clipping threshold 100';
const clip10 = 'Experiment 3: Simple Init, gradient clipping threshold 10';
const sussillo = 'Experiment 4: Good Init (Sussillo & Abbott), gradient clipping threshold 10';
const he = 'Experiment 5: Good Init (He et al.), gradient clipping threshold 10';
const zero = 'Experiment 6: Bad Init (zero init), gradient clipping threshold 10';

/** Deep networks on MNIST. */
export const table1: PaperTable = {
  id: 'table-1',
  title: 'Table 1: MNIST test accuracy of a 20-layer network',
  citation: `${paper}, section 4.1, table 1; 2 learning rates x 20 runs per cell`,
  trials: 40,
  columns: [
    { id: 'best', heading: 'best', kind: 'best' },
    { id: 'average', heading: 'average', kind: 'average' },
  ],
  rows: [
    row('simple-no-clip', simple, 'no-noise', 0.899, 0.431),
    row('simple-no-clip', simple, 'with-noise', 0.967, 0.527),
    row('simple-no-clip', simple, 'dropout', 0.113, 0.108),
    row('simple-clip-100', clip100, 'no-noise', 0.9, 0.463),
    row('simple-clip-100', clip100, 'with-noise', 0.967, 0.523),
    row('simple-clip-10', clip10, 'no-noise', 0.957, 0.516),
    row('simple-clip-10', clip10, 'with-noise', 0.97, 0.536),
    row('sussillo-clip-10', sussillo, 'no-noise', 0.974, 0.921),
    row('sussillo-clip-10', sussillo, 'with-noise', 0.975, 0.922),
    row('he-clip-10', he, 'no-noise', 0.974, 0.917),
    row('he-clip-10', he, 'with-noise', 0.972, 0.917),
    row('zero-clip-10', zero, 'no-noise', 0.114, 0.101),
    row('zero-clip-10', zero, 'with-noise', 0.945, 0.497),
  ],
};

function row(setting: string, heading: string, arm: string, best: number, average: number) {
  return { setting, heading, arm, values: { best, average } };
}
