import type { Table } from './build.js';
import type { DecidingTest } from './comparison.js';
import type { Measure } from './measure.js';
import type { Row } from './rows.js';
import { percent, plain, pValue, readable, signed } from './values.js';

/** A grid of cells whose rows stand under headings, the settings. */
export interface Grid {
  readonly head: readonly string[];
  readonly blocks: readonly {
    readonly title: string;
    readonly rows: readonly (readonly string[])[];
    /** The row of the table behind each of `rows`; empty where it is not one of ours. */
    readonly of: readonly Row[];
  }[];
}

/** What the text and the Markdown of a table share: its words, and its cells as text. */
export interface Layout {
  readonly title: string;
  /** Must not be overlooked. */
  readonly warning: string | null;
  readonly main: Grid;
  /** The arms against the first arm; null while there are no pairs. */
  readonly comparison: Grid | null;
  /** What others published for the same settings; null where there is nothing. */
  readonly references: Grid | null;
  readonly notes: readonly string[];
}

export function layOut(table: Table): Layout {
  return {
    title: tableTitle(table),
    warning:
      table.insteadOf === null
        ? null
        : `NOT ${table.insteadOf.toUpperCase()}: trained on ${table.source} in its place. ` +
          "These figures cannot be compared with the paper's.",
    main: mainOf(table),
    comparison: comparisonOf(table),
    references: referencesOf(table),
    notes: notesOf(table),
  };
}

function mainOf(table: Table): Grid {
  const shown = table.measures.map((measure, index) => ({ measure, index })).filter(isShown(table));
  const success = table.measures.find(({ kind }) => kind === 'success')!;
  return {
    head: [
      table.rows.some(({ point }) => point !== null) ? 'grid point' : 'arm',
      'trials',
      ...shown.flatMap(({ measure }) => headings(measure)),
      'success % (95%)',
      ...(success.paperColumn === null ? [] : ['paper', 'diff']),
      's/m/d/f',
    ],
    blocks: blocksOf(table.rows, (row) => [
      rowTitle(table, row),
      row.stored === row.planned ? `${row.stored}` : `${row.stored}/${row.planned}`,
      ...shown.flatMap(({ measure, index }) => cells(measure, index, row, table)),
      ...successCells(table, row),
      Object.values(row.outcomes).join('/'),
    ]),
  };
}

/** The arm, or the values of the grid point, whose names the block's title has: `0.003, 10`. */
export function rowTitle({ rows }: Table, { arm, point }: Row): string {
  if (point === null) return arm.title;
  const values = Object.values(point).map((value) => plain(value));
  const named = new Set(rows.map((row) => row.arm.name)).size > 1 ? [arm.title] : [];
  return [...named, ...values].join(', ');
}

/** The setting, and the axes of its grid where rows are points of it: `Simple Init (rate, clip.at)`. */
function blockTitle({ setting, point }: Row): string {
  const axes = Object.keys(point ?? {}).map((path) => path.replace(/^\w+\./, ''));
  return axes.length === 0 ? setting.title : `${setting.title} (${axes.join(', ')})`;
}

/** What a table is called wherever it is shown: with its config and profile, and how its scale is reduced. */
export function tableTitle(table: Table): string {
  const scale = table.scale === null ? '' : `, REDUCED: ${table.scale}`;
  return `${table.title} [config ${table.config}, profile ${table.profile}${scale}]`;
}

/** People see the paper's columns, or best and average where it has none, and what was asked for; success has its own cells. */
function isShown({ paper }: Table): (each: { measure: Measure }) => boolean {
  return ({ measure: { kind, paperColumn, asked } }) =>
    kind !== 'success' && (paper === null || paperColumn !== null || asked);
}

function headings({ heading, kind, share, paperColumn }: Measure): string[] {
  const own = share && kind !== 'below' && kind !== 'meets' ? `${heading} %` : heading;
  if (paperColumn === null) return [own];
  return kind === 'below' ? [own, 'paper'] : [own, 'paper', 'diff'];
}

function cells({ kind, share, paperColumn }: Measure, index: number, row: Row, table: Table): string[] {
  const ours = row.figures[index]!;
  const theirs = row.paper[index]!;
  // Counts, as the paper prints them.
  if (kind === 'meets') return [count(ours, row.counted)];
  if (kind === 'below') return [count(ours, row.counted), count(theirs, table.paper?.trials ?? null)];
  const own = readable(ours, share);
  return paperColumn === null ? [own] : [own, readable(theirs, share), difference(ours, theirs, share)];
}

function successCells(table: Table, row: Row): string[] {
  const index = table.measures.findIndex(({ kind }) => kind === 'success');
  const ours = row.figures[index]!;
  const theirs = row.paper[index]!;
  const interval = row.successInterval;
  const own = readable(ours, true);
  const range = interval === null ? '' : ` [${percent(interval.low)}, ${percent(interval.high)}]`;
  if (table.measures[index]!.paperColumn === null) return [own + range];
  return [own + range, readable(theirs, true), difference(ours, theirs, true)];
}

function difference(ours: number | null, theirs: number | null, share: boolean): string {
  return signed(ours === null || theirs === null ? null : ours - theirs, share);
}

function count(share: number | null, of: number | null): string {
  return share === null || of === null ? '-' : String(Math.round(share * of));
}

function referencesOf({ paper, rows }: Table): Grid | null {
  const references = paper?.references ?? [];
  if (references.length === 0) return null;
  const settings = new Map(rows.map(({ setting }) => [setting.name, setting.title]));
  const lines = [...settings].map(([name, title]) => [
    title,
    ...references.map(({ values }) => readable(values[name] ?? null, true)),
  ]);
  return {
    head: ['published, %', ...references.map(({ heading }) => heading)],
    blocks: [{ title: 'by others', rows: lines, of: [] }],
  };
}

const COMPARED = ['arms compared', 'pairs', 'won:lost', 'McNemar p', 'mean diff', 'Wilcoxon p'];

function comparisonOf(table: Table): Grid | null {
  const compared = table.rows.filter(({ comparison }) => comparison !== null && comparison.pairs > 0);
  if (compared.length === 0) return null;
  return {
    head: [...COMPARED, ...(table.test === null ? [] : ['Fisher p', 'Holm p'])],
    blocks: blocksOf(compared, (row) => {
      const { baseline, pairs, won, lost, mcNemar, meanDifference, signedRank, fisher, corrected } =
        row.comparison!;
      return [
        `${rowTitle(table, row)} - ${titleOfArm(table, baseline)}`,
        String(pairs),
        `${won}:${lost}`,
        pValue(mcNemar),
        signed(meanDifference, table.figure.fraction),
        pValue(signedRank),
        ...(table.test === null ? [] : [pValue(fisher), pValue(corrected)]),
      ];
    }),
  };
}

function notesOf({ success, paper, test, rows }: Table): string[] {
  const limit = success.above === undefined ? `below ${success.below}` : `above ${success.above}`;
  return [
    `success: ${success.metric} ${limit} at the end of training`,
    'trials: stored, or stored/planned where that differs; s/m/d/f: succeeded, missed, diverged, failed (in no figure)',
    'diverged trials: averaged with the last figure measured of them, never the best',
    'arms compared: on pairs of equal seed and grid point; won:lost are pairs in which only one of the two succeeded',
    ...(test === null ? [] : [correctionNote(test, rows)]),
    ...(paper === null ? [] : [`paper: ${paper.citation}`]),
  ];
}

function correctionNote(test: DecidingTest, rows: readonly Row[]): string {
  const name = { mcnemar: "McNemar's", fisher: "Fisher's", wilcoxon: "Wilcoxon's" }[test];
  const count = rows.filter(({ comparison }) => comparison !== null).length;
  return `Fisher: of all trials, not of pairs; Holm: ${name} p corrected for ${count === 1 ? 'the one comparison' : `all ${count} comparisons`} of this table`;
}

function blocksOf(rows: readonly Row[], cellsOf: (row: Row) => string[]): Grid['blocks'] {
  const titles = new Map(rows.map((row) => [row.setting.name, blockTitle(row)]));
  return [...titles].map(([name, title]) => {
    const of = rows.filter(({ setting }) => setting.name === name);
    return { title, rows: of.map(cellsOf), of };
  });
}

function titleOfArm({ rows }: Table, name: string): string {
  return rows.find(({ arm }) => arm.name === name)!.arm.title;
}
