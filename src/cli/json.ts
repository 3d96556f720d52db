import type { Output } from './streams.js';

/*
 * What commands write for programs: with --json one value on standard output, or, where work takes long, a line for each event. Progress
 * for people stays on standard error.
 */

/** What a terminal would obey, or not print, and JSON leaves as it is. */
const UNPRINTABLE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes a value as JSON, indented. Numbers that JSON has not (NaN, infinities) become null. */
export function writeJson(out: Output, value: unknown): void {
  out.write(`${textOf(value, 2)}\n`);
}

/** Writes one event as a line of JSON: its name, when it was, and what belongs to it. */
export function writeEvent(out: Output, event: string, fields: object): void {
  out.write(`${textOf({ event, time: new Date().toISOString(), ...fields })}\n`);
}

function textOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
