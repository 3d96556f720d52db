import { type Chart, type Links, layouts, trialsOf } from '../plots/chart.js';
import { curves } from '../plots/curves.js';
import { chartsOfTable } from '../plots/files.js';
import { apart } from '../plots/lines.js';
import { noise } from '../plots/noise.js';
import { renderSvg } from '../plots/render.js';
import type { Table } from '../tables/build.js';
import type { StoredTables } from '../tables/files.js';
import { type Grid, layOut } from '../tables/layout.js';
import type { Row } from '../tables/rows.js';
import { percent } from '../tables/values.js';
import type { Origin } from './command.js';
import { Html, html } from './html.js';
import { trialsOfRow } from './trials.js';

/** Ids of the parts of one table in the page; charts link to them. */
export interface Anchors extends Links {
  rowId(row: Row): string;
  trialId(row: Row, id: string): string;
}

/** @param prefix tells the table from others of the page. */
function anchorsOf({ rows }: Table, prefix: string): Anchors {
  const rowId = (row: Row) => `${prefix}-${rows.indexOf(row)}`;
  const trialId = (row: Row, id: string) => `${rowId(row)}-${id}`;
  return { rowId, trialId, row: (row) => `#${rowId(row)}`, trial: (row, id) => `#${trialId(row, id)}` };
}

/** A table with its charts, a set for each setting, and its trials. */
export async function tableSection(
  table: Table,
  stored: StoredTables,
  origin: Origin,
  prefix: string,
): Promise<Html> {
  const { title, warning, main, comparison, references, notes } = layOut(table);
  const anchors = anchorsOf(table, prefix);
  const placed = trialsOf(table, stored);
  const settings = [...new Map(table.rows.map(({ setting }) => [setting.name, setting])).values()];
  const figures = await Promise.all(settings.map(({ name }) => settingFigures(table, name, stored, anchors)));
  return html`<section class="table"><h2>${title}</h2>
${warning === null ? null : html`<p class="warning">${warning}</p>`}
<fieldset class="switches"><legend>Shown</legend>${settings.map((each) => switchOf('setting', each))}${table.arms.map((each) => switchOf('arm', each))}</fieldset>
${gridTable(main, anchors)}
${figures}
${comparison === null ? null : gridTable(comparison, null)}
${references === null ? null : gridTable(references, null)}
<ul class="notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>
<h3>Trials</h3>
${table.rows.map((row) => trialsOfRow(table, row, placed, anchors, origin))}
</section>
`;
}

function switchOf(kind: 'setting' | 'arm', { name, title }: { name: string; title: string }): Html {
  return html`<label><input type="checkbox" checked name="${kind}" value="${name}"> ${title}</label>`;
}

/** The charts of one setting. They are drawn at once: each waits a little for Vega, which looks at links ten milliseconds apart. */
async function settingFigures(
  table: Table,
  setting: string,
  stored: StoredTables,
  anchors: Anchors,
): Promise<Html> {
  const part = { ...table, rows: table.rows.filter((row) => row.setting.name === setting) };
  const drawing = { layout: layouts.narrow, links: anchors };
  const trials = trialsOf(part, stored);
  // Lines are a figure for each grid point: as many stand side by side as the reader's screen has room for.
  const charts = [
    ...chartsOfTable(part, [], drawing),
    ...[curves, noise].flatMap((lines) => apart(lines, part, trials, drawing)),
  ];
  const figures = await Promise.all(charts.map(figure));
  return html`<div class="figures" data-setting="${setting}">${figures}</div>\n`;
}

/** The page has the title and the font already, and its own ground shows through. */
async function figure({ name, caption, spec }: Chart): Promise<Html> {
  const { title: _, ...untitled } = spec;
  const svg = await renderSvg({ ...untitled, background: null });
  return html`<figure class="${name}"><figcaption>${caption}</figcaption>${new Html(svg.replaceAll(/ font-family="[^"]*"/g, ''))}</figure>\n`;
}

/** @param anchors where rows are to be found by charts; null in a grid to which nothing leads. */
function gridTable({ head, blocks }: Grid, anchors: Anchors | null): Html {
  const line = (cells: readonly string[], row: Row | undefined) => {
    const columns = cells.map((cell) => html`<td>${cell}</td>`);
    if (row === undefined) return html`<tr>${columns}</tr>\n`;
    const found = anchors === null ? null : html` id="${anchors.rowId(row)}" data-hint="${hintOf(row)}"`;
    return html`<tr data-setting="${row.setting.name}" data-arm="${row.arm.name}"${found}>${columns}</tr>\n`;
  };
  const block = ({ title, rows, of }: Grid['blocks'][number]) => {
    const setting = of[0] === undefined ? null : html` data-setting="${of[0].setting.name}"`;
    return html`<tr${setting}><th colspan="${head.length}">${title}</th></tr>
${rows.map((cells, i) => line(cells, of[i]))}`;
  };
  return html`<div class="wide"><table><thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${blocks.map(block)}</tbody></table></div>`;
}

function hintOf({ arm, outcomes, counted, successInterval: range }: Row): string {
  const interval = range === null ? '' : `, 95% interval ${percent(range.low)}% to ${percent(range.high)}%`;
  return `${arm.title}: ${outcomes.succeeded} of ${counted} succeeded${interval}`;
}
