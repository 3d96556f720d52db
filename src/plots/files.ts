import type { Table } from '../tables/build.js';
import type { StoredTables } from '../tables/files.js';
import type { Placed } from '../tables/plan.js';
import { type Chart, type ChartMaker, type Links, trialsOf } from './chart.js';
import { curves } from './curves.js';
import { pairs } from './pairs.js';
import { renderSvg } from './render.js';
import { success } from './success.js';

const makers: readonly ChartMaker[] = [success, curves, pairs];

/** What each SVG file of a config and profile holds, by its name: `<table>.<chart>.svg`. */
export async function chartFiles(stored: StoredTables): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { table, chart } of chartsOf(stored))
    files.set(`${table}.${chart.name}.svg`, await renderSvg(chart.spec));
  return files;
}

/** Every chart that the stored trials give. */
export function chartsOf(stored: Pick<StoredTables, 'tables' | 'placed'>): { table: string; chart: Chart }[] {
  return stored.tables.flatMap((table) =>
    chartsOfTable(table, trialsOf(table, stored), null).map((chart) => ({ table: table.id, chart })),
  );
}

/** Every chart of one table. @param links where marks lead; null where they lead nowhere, as in a file of its own. */
export function chartsOfTable(table: Table, placed: readonly Placed[], links: Links | null): Chart[] {
  return makers.map((make) => make(table, placed, links)).filter((chart) => chart !== null);
}
