import { stringify } from 'csv-stringify/sync';
import type { TrialRecord } from '../results/record.js';
import type { Table } from './build.js';
import { type Placed, sourceOf } from './plan.js';
import type { Row } from './rows.js';
import { plain, precise } from './values.js';

type Line = { readonly [column: string]: string };

/**
 * A table as CSV, a line per setting and arm. Fractions are fractions, not per cent; differences are ours minus the
 * paper's. The scale stands in every line, so that no line can be quoted without it.
 */
export function tableCsv(table: Table): string {
  return csv(
    table.rows.map((row) => ({ ...labels(table, row), ...figures(table, row), ...comparison(table, row) })),
  );
}

/** The trials behind the tables as CSV, a line per trial, in the tables' order. */
export function trialsCsv(placed: readonly Placed[]): string {
  const paths = keysOf(placed.map(({ variation }) => variation));
  const metrics = keysOf(placed.map(({ record }) => record.metrics));
  const byId = new Map(placed.toReversed().map((each) => [each.record.id, each]));
  return csv(
    placed
      .filter((each) => byId.get(each.record.id) === each)
      .map(({ record, setting, arm, variation }) => ({
        id: record.id,
        config: record.config,
        profile: record.profile,
        setting,
        arm,
        ...Object.fromEntries(paths.map((path) => [path, plain(variation[path])])),
        seed: plain(record.description.seed),
        data_source: plain(sourceOf(record.description)),
        ...outcome(record),
        ...Object.fromEntries(metrics.map((name) => [name, plain(record.metrics[name])])),
        steps: plain(record.curve.at(-1)?.step),
        backend: record.provenance.backend,
        device: record.provenance.device,
        population: plain(record.provenance.population),
        population_seconds: plain(record.provenance.seconds),
      })),
  );
}

function labels(table: Table, row: Row): Line {
  return {
    config: table.config,
    profile: table.profile,
    scale: table.scale ?? 'as in the paper',
    data_source: table.source ?? '',
    ...(table.insteadOf === null ? {} : { instead_of: table.insteadOf }),
    setting: row.setting.name,
    arm: row.arm.name,
    ...pointOf(table, row),
    trials_planned: plain(row.planned),
    trials_stored: plain(row.stored),
    ...Object.fromEntries(Object.entries(row.outcomes).map(([kind, count]) => [kind, plain(count)])),
  };
}

/** A column for each axis of the grids. */
function pointOf({ rows }: Table, { point }: Row): Line {
  const paths = keysOf(rows.map((row) => row.point ?? {}));
  return Object.fromEntries(paths.map((path) => [path, plain(point?.[path])]));
}

function figures(table: Table, row: Row): Line {
  const columns = table.measures.flatMap(({ key, kind, paperColumn }, i) => {
    const ours = row.figures[i]!;
    const paper = row.paper[i]!;
    const own = [[key, precise(ours)]];
    if (kind === 'success') {
      own.push(['success_low95_fraction', precise(row.successInterval?.low ?? null)]);
      own.push(['success_high95_fraction', precise(row.successInterval?.high ?? null)]);
    }
    if (paperColumn === null) return own;
    const difference = ours === null || paper === null ? null : ours - paper;
    return [...own, [`paper_${key}`, precise(paper)], [`difference_${key}`, precise(difference)]];
  });
  const trials = row.paper.some((figure) => figure !== null) ? (table.paper?.trials ?? null) : null;
  const references = (table.paper?.references ?? []).map(({ id, values }) => [
    `published_${id}`,
    precise(values[row.setting.name] ?? null),
  ]);
  return {
    ...Object.fromEntries([...columns, ...references]),
    ...(table.paper === null ? {} : { paper_trials: precise(trials) }),
  };
}

function comparison({ test }: Table, { comparison: compared }: Row): Line {
  return {
    compared_with: compared?.baseline ?? '',
    pairs: plain(compared?.pairs),
    pairs_won: plain(compared?.won),
    pairs_lost: plain(compared?.lost),
    mcnemar_p: precise(compared?.mcNemar ?? null),
    mean_difference: precise(compared?.meanDifference ?? null),
    wilcoxon_p: precise(compared?.signedRank ?? null),
    ...(test === null
      ? {}
      : {
          fisher_p: precise(compared?.fisher ?? null),
          [`holm_${test}_p`]: precise(compared?.corrected ?? null),
        }),
  };
}

function outcome({ outcome: ended }: TrialRecord): Line {
  return {
    outcome: ended.kind,
    diverged_at_step: ended.kind === 'diverged' ? plain(ended.step) : '',
    error: ended.kind === 'failed' ? ended.error.split('\n')[0]! : '',
  };
}

function csv(lines: readonly Line[]): string {
  return stringify([...lines], { header: true });
}

/** All keys of some maps, sorted. */
function keysOf(maps: readonly object[]): string[] {
  return [...new Set(maps.flatMap((map) => Object.keys(map)))].sort();
}
