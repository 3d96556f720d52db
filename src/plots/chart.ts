import type { Table } from '../tables/build.js';
import type { StoredTables } from '../tables/files.js';
import { rowTitle, tableTitle } from '../tables/layout.js';
import type { Placed } from '../tables/plan.js';
import type { Row } from '../tables/rows.js';
import { textWidth, wrap } from './text-width.js';

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

/** How much room a chart has. */
export interface Layout {
  /** Of the whole picture, in pixels; only a word that is wider than its place makes it wider. */
  readonly width: number;
  /** Panels side by side. */
  readonly columns: number;
  /** Most room that the labels of rows take, in pixels. */
  readonly labels: number;
}

/** For a README on a screen, and for a phone or a column of the report. */
export const layouts = {
  wide: { width: 820, columns: 2, labels: 220 },
  narrow: { width: 360, columns: 1, labels: 130 },
} as const satisfies { readonly [name: string]: Layout };

/** How a chart is drawn. */
export interface Drawing {
  readonly layout: Layout;
  /** Null where marks lead nowhere, as in a file of its own. */
  readonly links: Links | null;
}

/** Draws one kind of chart of a table; null where the trials have nothing to show of it. */
export type ChartMaker = (table: Table, placed: readonly Placed[], drawing: Drawing) => Chart | null;

/** The channel that makes links of marks, whose address is this field of their data. */
export function linkChannel(links: Links | null, field = 'href'): Spec {
  return links === null ? {} : { href: { field, type: 'nominal' } };
}

/** Around a picture, in pixels. */
const padding = 12;

/** Between the labels of rows and the lines that they name, and what a label of the other axis needs beyond its end. */
const labelGap = 10;
const overhang = 20;

/** Pixels within a picture's padding. */
export function innerWidth({ width }: Layout): number {
  return width - 2 * padding;
}

/** Of labels of 12 pixels, as Vega has it. */
const lineHeight = 14;

/** For labels of several lines: names of facets and rows are one text in the data. */
export const splitLines = "split(datum.label, '\\n')";

/** Where a row of the table stands in a `rowChart`: in the panel of its setting, under its title. */
interface RowLabel {
  readonly setting: string;
  readonly row: string;
}

/** @param notes what to tell of the row besides its title, a line each. */
export function rowLabel(table: Table, row: Row, layout: Layout, ...notes: readonly string[]): RowLabel {
  return {
    setting: row.setting.title,
    row: [rowTitle(table, row), ...notes].flatMap((line) => wrap(line, layout.labels)).join('\n'),
  };
}

/** A chart with a line for each row of the table, and a panel for each setting. */
export function rowChart(
  table: Table,
  caption: string,
  values: readonly RowLabel[],
  layer: readonly Spec[],
  layout: Layout,
): Spec {
  const labels = values.map(({ row }) => row);
  const width = innerWidth(layout) - widest(labels) - labelGap - overhang;
  const titled = values.map((value) => ({
    ...value,
    setting: wrap(value.setting, width, 12, 'bold').join('\n'),
  }));
  return {
    ...frame(table, caption, layout),
    data: { values: titled },
    facet: {
      field: 'setting',
      type: 'nominal',
      sort: inOrder(titled.map(({ setting }) => setting)),
      header: { title: null, labelAnchor: 'start', labelExpr: splitLines },
    },
    columns: 1,
    spacing: 12,
    resolve: { scale: { y: 'independent' } },
    spec: {
      width,
      height: { step: rowStep(labels) },
      encoding: {
        y: {
          field: 'row',
          type: 'nominal',
          sort: null,
          axis: {
            title: null,
            labelExpr: splitLines,
            ticks: false,
            labelPadding: labelGap,
            // Vega puts the first of several lines where a single one would be.
            labelOffset: { expr: `-${lineHeight / 2} * (length(${splitLines}) - 1)` },
          },
        },
      },
      layer,
    },
  };
}

function widest(labels: readonly string[]): number {
  return Math.max(...labels.flatMap((label) => label.split('\n')).map((line) => textWidth(line, 12)));
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
export function frame(table: Table, subtitle: string, layout: Layout): Spec {
  const warning =
    table.insteadOf === null ? [] : [`NOT ${table.insteadOf.toUpperCase()}, but ${table.source}.`];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding,
    title: {
      text: wrap(tableTitle(table), innerWidth(layout), 14, 'bold'),
      subtitle: [...warning, subtitle].flatMap((text) => wrap(text, innerWidth(layout))),
      anchor: 'start',
      frame: 'bounds',
      fontSize: 14,
      subtitleFontSize: 12,
      offset: 14,
    },
    config: {
      // What it would say of each mark is for programs; the page or README around it tells people.
      aria: false,
      font: 'Helvetica, Arial, sans-serif',
      axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 0 },
      header: { labelFontSize: 12, labelFontWeight: 'bold', labelLimit: 0 },
      legend: { labelFontSize: 12, labelLimit: 0 },
    },
  };
}

/** Height of a row in pixels, so that the label with most lines has room. */
function rowStep(labels: readonly string[]): number {
  const lines = Math.max(...labels.map((label) => label.split('\n').length));
  return Math.max(32, lineHeight * lines + 10);
}

/** Each name once, as they come: facets are sorted by the alphabet unless they are told an order. */
export function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)];
}
