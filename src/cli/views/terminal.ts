import type { Output } from '../streams.js';

/** Whether bars can be drawn on a stream: a terminal that says it is dumb (an editor's, a CI's) shows escape codes as they are. */
export function drawsBars(stream: Output): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}
