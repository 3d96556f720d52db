import { stringify } from 'csv-stringify/sync';
import { canonicalJson } from '../json.js';
import { optional } from '../optional.js';
import type { Placed } from '../tables/plan.js';
import { figuresOf } from './figures.js';

/** One figure of one trial at one step. */
interface Point {
  readonly config: string;
  readonly profile: string;
  readonly setting: string;
  readonly arm: string;
  /** The grid point as JSON. */
  readonly variation: string;
  readonly seed: number;
  readonly trial: string;
  readonly step: number;
  /** `loss`, a metric, or the gradient's size. */
  readonly figure: string;
  readonly value: number;
}

/** The columns of tables of points, in order, with their types in Parquet. */
const columns = {
  config: 'STRING',
  profile: 'STRING',
  setting: 'STRING',
  arm: 'STRING',
  variation: 'STRING',
  seed: 'INT64',
  trial: 'STRING',
  step: 'INT64',
  figure: 'STRING',
  value: 'DOUBLE',
} as const satisfies { readonly [column in keyof Point]: string };

/** Learning curves as CSV, a line for each trial, step and figure; `NaN` and infinities by their names. */
export function curvesCsv(placed: readonly Placed[]): string {
  const lines = pointsOf(placed).map((point) => ({ ...point, value: String(point.value) }));
  return stringify(lines, { header: true, columns: Object.keys(columns) });
}

/**
 * The same as a Parquet file, compressed with Snappy.
 * @throws UserError when the package for it is not installed.
 */
export async function curvesParquet(placed: readonly Placed[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await optional(
    'Parquet files',
    ['hyparquet-writer'],
    () => import('hyparquet-writer'),
  );
  const points = pointsOf(placed);
  const columnData = Object.entries(columns).map(([name, type]) => {
    const values = points.map((point) => point[name as keyof Point]);
    return { name, type, data: type === 'INT64' ? values.map(BigInt) : values, nullable: false };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function pointsOf(placed: readonly Placed[]): Point[] {
  return placed.flatMap(({ record, setting, arm, variation }) =>
    record.curve.flatMap((point) =>
      Object.entries(figuresOf(point)).map(([figure, value]) => ({
        config: record.config,
        profile: record.profile,
        setting,
        arm,
        variation: canonicalJson(variation),
        seed: record.description.seed,
        trial: record.id,
        step: point.step,
        figure,
        value,
      })),
    ),
  );
}

/** Where a trial's events lie below a folder: TensorBoard groups runs by their path, arms first. */
export function runFolder({ record, setting, arm }: Placed): string {
  const { config, profile, id, description } = record;
  return [config, profile, arm, setting, `seed-${description.seed}-${id}`].join('/');
}
