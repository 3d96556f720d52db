import type { StoredTables } from '../tables/files.js';
import type { Origin } from './command.js';
import { enliven } from './enliven.js';
import { Html, html } from './html.js';
import { style } from './style.js';
import { tableSection } from './table.js';

/** The tables of one config and profile, and where they come from. */
export interface Reported {
  readonly stored: StoredTables;
  readonly origin: Origin;
}

/** Nothing is fetched, whatever a config's titles hold. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/**
 * One HTML page that needs nothing but itself: tables, charts, and every trial with its description, its provenance and the
 * command that trains it again. Without JavaScript it can be read; with it there are switches and hints.
 * @throws UserError when Vega is not installed.
 */
export async function reportHtml(all: readonly Reported[]): Promise<string> {
  const sections: Html[] = [];
  for (const [i, { stored, origin }] of all.entries())
    for (const [j, table] of stored.tables.entries())
      sections.push(await tableSection(table, stored, origin, `t${i}-${j}`));
  const notices = all.flatMap(({ stored }) => stored.notices);
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>gnoise: ${[...new Set(all.map(({ stored }) => stored.tables[0]?.config ?? ''))].filter(Boolean).join(', ')}</title>
<style>${new Html(style)}</style></head><body>
<h1>Does gradient noise help? What the stored trials say</h1>
${notices.length === 0 ? null : html`<ul class="notices">${notices.map((notice) => html`<li>${notice}</li>`)}</ul>`}
${sections}
<script>${new Html(`(${enliven})()`)}</script>
</body></html>
`.text;
}
