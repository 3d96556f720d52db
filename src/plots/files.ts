import type { Table } from '../tables/build.js';
import type { StoredTables } from '../tables/files.js';
import type { Placed } from '../tables/plan.js';
import { type Chart, type ChartMaker, type Drawing, layouts, trialsOf } from './chart.js';
import { curves } from './curves.js';
import { levels } from './levels.js';
import { together } from './lines.js';
import { noise } from './noise.js';
import { pairs } from './pairs.js';
import { renderSvg } from './render.js';
import { success } from './success.js';

const makers: readonly ChartMaker[] = [success, levels, together(curves), together(noise), pairs];

/** How the names of SVG files end, by the layout of their charts. */
export const endings = { wide: '.svg', narrow: '.narrow.svg' } as const;

/** What each SVG file of a config and profile holds, by its name: `<table>.<chart>.svg`, or `.narrow.svg`. */
export async function chartFiles(
  stored: Pick<StoredTables, 'tables' | 'placed'>,
  layout: keyof typeof layouts,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const drawing = { layout: layouts[layout], links: null };
  for (const table of stored.tables)
    for (const { name, spec } of chartsOfTable(table, trialsOf(table, stored), drawing))
      files.set(`${table.id}.${name}${endings[layout]}`, await renderSvg(spec));
  return files;
}

/** Every chart of one table that the trials give. */
export function chartsOfTable(table: Table, placed: readonly Placed[], drawing: Drawing): Chart[] {
  return makers.map((make) => make(table, placed, drawing)).filter((chart) => chart !== null);
}
