import type { Table } from './build.js';

/** A table as a plain value: fractions are fractions, and what is not known is null. */
export function tableJson(table: Table) {
  const { id, title, config, profile, scale, source, insteadOf, success, paper, measures, test, rows } =
    table;
  const byMeasure = (figures: readonly (number | null)[]) =>
    Object.fromEntries(measures.map(({ key }, i) => [key, figures[i] ?? null]));
  return {
    id,
    title,
    config,
    profile,
    scale,
    data: source,
    insteadOf,
    success,
    test,
    paper: paper === null ? null : { citation: paper.citation, trials: paper.trials },
    rows: rows.map((row) => ({
      setting: row.setting.name,
      arm: row.arm.name,
      point: row.point,
      planned: row.planned,
      stored: row.stored,
      outcomes: row.outcomes,
      figures: byMeasure(row.figures),
      paper: paper === null ? null : byMeasure(row.paper),
      successInterval: row.successInterval,
      comparison: row.comparison,
    })),
  };
}
