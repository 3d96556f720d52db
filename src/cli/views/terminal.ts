import type { Output } from '../streams.js';

/** Whether a stream can be drawn on: a terminal that says it is dumb (an editor's, a CI's) shows escape codes as they are. */
export function canDraw(stream: Output): boolean {
  return stream.isTTY === true && process.env.TERM !== 'dumb';
}

/** Columns that text may fill without being broken by the terminal: asked each time, since windows change; no limit elsewhere. */
export function columnsOf({ isTTY, columns }: Output): number {
  // A terminal that does not know its size says 0.
  return isTTY ? columns || 80 : Number.POSITIVE_INFINITY;
}

/** Lines that a terminal shows at once; no limit elsewhere. */
export function rowsOf({ isTTY, rows }: Output): number {
  return isTTY ? rows || 24 : Number.POSITIVE_INFINITY;
}
