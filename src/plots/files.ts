import type { StoredTables } from '../tables/files.js';
import { type Chart, type ChartMaker, trialsOf } from './chart.js';
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
  return stored.tables.flatMap((table) => {
    const placed = trialsOf(table, stored);
    return makers.flatMap((make) => {
      const chart = make(table, placed);
      return chart === null ? [] : [{ table: table.id, chart }];
    });
  });
}
