import { z } from 'zod';
import { trialId } from '../trials/trial.js';
import type { TrialRecord } from './record.js';

/** JSON has no NaN and no infinities: they are kept as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`. */
const anyNumber = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const figures = z.record(z.string(), anyNumber);
const section = z.record(z.string(), z.json());

/** Loose, since its id is checked: a key dropped here would change the hash. */
const description = z.looseObject({
  experiment: z.string(),
  revision: z.int(),
  data: section,
  model: section,
  train: section,
  success: z.looseObject({ metric: z.string(), above: z.number().optional(), below: z.number().optional() }),
  seed: z.int().nonnegative(),
});

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('succeeded') }),
  z.object({ kind: z.literal('missed') }),
  z.object({ kind: z.literal('diverged'), step: z.int().nonnegative() }),
  z.object({ kind: z.literal('failed'), error: z.string() }),
]);

const provenance = z.object({
  gnoise: z.string(),
  node: z.string(),
  tfjs: z.string(),
  backend: z.string(),
  device: z.string(),
  tensorflow: z.string().nullable(),
  commit: z.string().nullable(),
  dirty: z.boolean().nullable(),
  startedAt: z.string(),
  finishedAt: z.string(),
  seconds: z.number().nonnegative(),
  population: z.int().positive(),
});

const record = z.object({
  format: z.literal(1),
  id: z.string(),
  config: z.string(),
  profile: z.string(),
  setting: z.string(),
  arm: z.string(),
  variation: section,
  description,
  outcome,
  metrics: figures,
  curve: z.array(z.object({ step: z.int().nonnegative(), loss: anyNumber, metrics: figures })),
  provenance,
});

/** A record as JSON: a line per part and per curve point, so that it can be read and compared by eye. */
export function encodeRecord(value: TrialRecord): string {
  const json = (part: unknown) =>
    JSON.stringify(part, (_key, inner: unknown) =>
      typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner,
    );
  const part = (key: string, inner: unknown) =>
    key === 'curve' && value.curve.length > 0
      ? `[\n    ${value.curve.map(json).join(',\n    ')}\n  ]`
      : json(inner);
  const lines = Object.entries(value).map(([key, inner]) => `  ${JSON.stringify(key)}: ${part(key, inner)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** Reads a record that is expected to have this id; otherwise says in one line why it cannot be trusted. */
export function decodeRecord(text: string, id: string): { record: TrialRecord } | { reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { reason: text.trim() === '' ? 'the file is empty' : 'not valid JSON (cut off or damaged)' };
  }
  const parsed = record.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return { reason: `not a trial record of this version of gnoise: ${[...path, message].join(': ')}` };
  }
  const read = parsed.data as TrialRecord;
  const actual = trialId(read.description);
  if (read.id !== actual) return { reason: `its id ${read.id} is not that of its description, ${actual}` };
  if (read.id !== id) return { reason: `it holds trial ${read.id}` };
  return { record: read };
}
