import { excerpt } from '../excerpt.js';
import { trialId } from '../trials/trial.js';
import { recordSchema, type TrialRecord } from './record.js';

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
  const { data: record, error } = recordSchema.safeParse(value);
  if (error) {
    const { path, message } = error.issues[0]!;
    return {
      reason: `not a trial record of this version of gnoise: ${excerpt([...path, message].join(': '), 300)}`,
    };
  }
  const actual = trialId(record.description);
  if (record.id !== actual)
    return { reason: `its id ${excerpt(record.id)} is not that of its description, ${actual}` };
  if (record.id !== id) return { reason: `it holds trial ${excerpt(record.id)}` };
  return { record };
}
