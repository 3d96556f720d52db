import type { Table } from '../tables/build.js';
import type { StoredTables } from '../tables/files.js';
import { rowTitle, tableTitle } from '../tables/layout.js';
import type { Placed } from '../tables/plan.js';
import type { Row } from '../tables/rows.js';

/** A Vega-Lite specification: JSON. (Vega-Lite's own type admits no read-only lists.) */
export interface Spec {
  readonly [key: string]: unknown;
}

/** A chart as data: what Vega-Lite draws. */
export interface Chart {
  /** What it is called among the charts of its table, e.g. `success`. */
  readonly name: string;
  /** What it shows, in a sentence; it stands in the specification's subtitle too. */
  readonly caption: string;
  readonly spec: Spec;
}

/** Where marks lead in a page that holds the charts: addresses such as `#row-3`. */
export interface Links {
  row(row: Row): string;
  /** Of a trial that the row sums up. */
  trial(row: Row, id: string): string;
}

/** Draws one kind of chart of a table; null where the trials have nothing to show of it. */
export type ChartMaker = (table: Table, placed: readonly Placed[], links: Links | null) => Chart | null;

/** The channel that makes links of marks, whose address is this field of their data. */
export function linkChannel(links: Links | null, field = 'href'): Spec {
  return links === null ? {} : { href: { field, type: 'nominal' } };
}

/** Width of the drawn area in pixels: with its labels a chart fits a README. */
export const plotWidth = 560;

/** Where a row of the table stands in a `rowChart`: in the panel of its setting, under its title. */
interface RowLabel {
  readonly setting: string;
  readonly row: string;
}

export function rowLabel(table: Table, row: Row): RowLabel {
  return { setting: wrap(row.setting.title, 80).join('\n'), row: wrap(rowTitle(table, row), 24).join('\n') };
}

/** A chart with a line for each row of the table, and a panel for each setting. */
export function rowChart(
  table: Table,
  caption: string,
  values: readonly RowLabel[],
  layer: readonly Spec[],
): Spec {
  return {
    ...frame(table, caption),
    data: { values },
    facet: {
      field: 'setting',
      type: 'nominal',
      sort: inOrder(values.map(({ setting }) => setting)),
      header: { title: null, labelAnchor: 'start', labelExpr: "split(datum.label, '\\n')" },
    },
    columns: 1,
    spacing: 12,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: plotWidth,
      height: { step: rowStep(values.map(({ row }) => row)) },
      encoding: {
        y: {
          field: 'row',
          type: 'nominal',
          sort: null,
          axis: { title: null, labelExpr: "split(datum.label, '\\n')", ticks: false, labelPadding: 10 },
        },
      },
      layer,
    },
  };
}

/** Okabe and Ito's colours, told apart with any colour vision: blue, orange, and others for further arms. */
const colours = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#000000'];

/** A scale that gives each arm its colour, in the order of the config, the same in every chart. */
export function armScale({ arms }: Table) {
  const domain = [...new Set(arms.map(({ title }) => title))];
  return { domain, range: domain.map((_, i) => colours[i % colours.length]!) };
}

/** The trials behind a table: those of its settings, on its data. */
export function trialsOf(table: Table, { placed }: Pick<StoredTables, 'placed'>): readonly Placed[] {
  const fallback = table.insteadOf === null ? null : table.source;
  const settings = new Set(table.rows.map(({ setting }) => setting.name));
  return placed.filter((each) => each.fallback === fallback && settings.has(each.setting));
}

/** What all charts share: their title as the table has it, a white ground and a plain font. */
export function frame(table: Table, subtitle: string): Spec {
  const warning =
    table.insteadOf === null ? [] : [`NOT ${table.insteadOf.toUpperCase()}, but ${table.source}`];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 12,
    title: {
      text: wrap(tableTitle(table), 84),
      subtitle: [...warning, ...wrap(subtitle, 104)],
      anchor: 'start',
      frame: 'bounds',
      fontSize: 14,
      subtitleFontSize: 12,
      offset: 14,
    },
    config: {
      font: 'Helvetica, Arial, sans-serif',
      axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 0 },
      header: { labelFontSize: 12, labelFontWeight: 'bold', labelLimit: 0 },
      legend: { labelFontSize: 12, labelLimit: 0 },
    },
  };
}

/** Breaks text between words into lines of at most `width` characters; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** Height of a row in pixels, so that the label with most lines has room. */
function rowStep(labels: readonly string[]): number {
  const lines = Math.max(...labels.map((label) => label.split('\n').length));
  return Math.max(32, 16 * lines + 6);
}

/** Each name once, as they come: facets are sorted by the alphabet unless they are told an order. */
export function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)];
}
