import { memn2nSingle } from './memn2n.js';
import { neuralProgrammerCounts } from './neural-programmer-counts.js';
import type { PaperTable } from './paper-table.js';
import { table1 } from './table-1.js';
import { table2 } from './table-2.js';
import { table4 } from './table-4.js';
import { table5 } from './table-5.js';
import { table6 } from './table-6.js';

/**
 * Every table of the paper that measures something (its table 3 is an example program), and what others published of the
 * same models.
 */
export const paperTables: readonly PaperTable[] = [
  table1,
  table2,
  memn2nSingle,
  neuralProgrammerCounts,
  table4,
  table5,
  table6,
];

/** A paper's table by its id, e.g. `table-1`; undefined when there is none. */
export function paperTable(id: string): PaperTable | undefined {
  return paperTables.find((table) => table.id === id);
}
