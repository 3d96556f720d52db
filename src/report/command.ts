import { canonicalJson, type Json } from '../json.js';
import { type Placed, sourceOf } from '../tables/plan.js';

/** Where the trials of a table were planned from. */
export interface Origin {
  /** Path of the config. */
  readonly file: string;
  readonly profile: string;
  /** What was laid over the config, as for `--set`. */
  readonly set: readonly string[];
}

/** The command that trains a stored trial once more, into a folder of its own, for a POSIX shell. */
export function commandOf({ file, profile, set }: Origin, placed: Placed): string {
  const { record, setting, arm, variation, fallback } = placed;
  const source = fallback === null ? [] : [['data.source', sourceOf(record.description)] as const];
  const values = [...Object.entries(variation), ...source].map(([path, value]) => `${path}=${text(value)}`);
  const words = [
    ...['gnoise', 'run', file, '--profile', profile, '--setting', setting, '--arm', arm],
    ...['--seed', String(record.description.seed)],
    ...[...set, ...values].flatMap((value) => ['--set', value]),
    ...['--results', 'again'],
  ];
  return words.map(quoted).join(' ');
}

function text(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

function quoted(word: string): string {
  return /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
