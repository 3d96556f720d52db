import { measuredPoints } from '../plots/curves.js';
import type { Table } from '../tables/build.js';
import { rowTitle } from '../tables/layout.js';
import type { Placed } from '../tables/plan.js';
import { isOfRow, type Row } from '../tables/rows.js';
import { plain, readable } from '../tables/values.js';
import { commandOf, type Origin } from './command.js';
import { type Html, html } from './html.js';
import type { Anchors } from './table.js';

/** The trials that a row sums up, each with all that is known of it; null when it has none of its own. */
export function trialsOfRow(
  table: Table,
  row: Row,
  placed: readonly Placed[],
  anchors: Anchors,
  origin: Origin,
) {
  const own = placed.filter((each) => isOfRow(row, each));
  if (own.length === 0) return null;
  return html`<details data-setting="${row.setting.name}" data-arm="${row.arm.name}"><summary>${row.setting.title}: ${rowTitle(table, row)}, ${trials(own.length)}</summary>
${own.map((each) => trialHtml(table, row, each, anchors, origin))}</details>
`;
}

export function trials(count: number): string {
  return count === 1 ? '1 trial' : `${count} trials`;
}

function trialHtml(table: Table, row: Row, placed: Placed, anchors: Anchors, origin: Origin): Html {
  const { record } = placed;
  const { metric, fraction } = table.figure;
  const shown = (value: number) => (fraction ? `${readable(value, true)}%` : readable(value, false));
  const curve = measuredPoints(record, metric).map(({ step, value }) => `${step}:${shown(value)}`);
  const { outcome } = record;
  const result = record.metrics[metric];
  const ended = [
    `seed ${record.description.seed}: ${outcome.kind}`,
    ...(result === undefined ? [] : [`${metric} ${shown(result)}`]),
  ].join(', ');
  const facts = {
    outcome:
      outcome.kind === 'failed'
        ? `failed: ${outcome.error}`
        : outcome.kind === 'diverged'
          ? `diverged, seen at update ${outcome.step}`
          : outcome.kind,
    ...record.metrics,
    ...record.provenance,
  };
  return html`<details id="${anchors.trialId(row, record.id)}" data-hint="${`${row.arm.title}, ${ended}`}" data-curve="${curve.join(' ')}"><summary>${ended}</summary>
<p>Trial ${record.id}. ${Object.entries(facts).map(([name, value]) => html`${name}: ${plain(value)}. `)}</p>
<pre>${commandOf(origin, placed)}</pre><pre>${JSON.stringify(record.description)}</pre></details>
`;
}
