import { stringify } from 'csv-stringify/sync';
import { canonicalJson } from '../json.js';
import type { Placed } from '../tables/plan.js';

/** Learning curves as CSV, a line for each trial, step and figure; `NaN` and infinities by their names. */
export function curvesCsv(placed: readonly Placed[]): string {
  const lines = placed.flatMap(({ record, setting, arm, variation }) =>
    record.curve.flatMap(({ step, loss, metrics }) =>
      Object.entries({ loss, ...metrics }).map(([figure, value]) => ({
        config: record.config,
        profile: record.profile,
        setting,
        arm,
        variation: canonicalJson(variation),
        seed: record.description.seed,
        trial: record.id,
        step,
        figure,
        value: String(value),
      })),
    ),
  );
  const columns = [
    'config',
    'profile',
    'setting',
    'arm',
    'variation',
    'seed',
    'trial',
    'step',
    'figure',
    'value',
  ];
  return stringify(lines, { header: true, columns });
}

/** Where a trial's events lie below a folder: TensorBoard groups runs by their path, arms first. */
export function runFolder({ record, setting, arm }: Placed): string {
  const { config, profile, id, description } = record;
  return [config, profile, arm, setting, `seed-${description.seed}-${id}`].join('/');
}
