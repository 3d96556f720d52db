import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../streams.js';
import { canDraw, rowsOf } from './terminal.js';

const everySeconds = 2;

/** Clears a terminal, and puts the cursor in its corner. */
const home = '\u001b[H\u001b[2J';

/**
 * Shows a text again and again until the process is ended or nobody listens: in place on a terminal, as much as it has room for; elsewhere
 * with its time, and only when it differs from the last one.
 * @param look makes the text; it is told how many seconds have passed since the first time.
 */
export async function watch(out: Output, look: (seconds: number) => Promise<string>): Promise<void> {
  const start = performance.now();
  let last = '';
  // A pipe that nobody reads any more is the end.
  while (out.writable) {
    const text = await look((performance.now() - start) / 1000);
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    // Signs of life change all the time: in a log they are no news.
    const news = text.replaceAll(/, seen \d+ s ago/g, '').replaceAll(/ since \d+ s/g, '');
    if (canDraw(out)) out.write(`${home}${cut(`${time}\n${text}`, rowsOf(out) - 1)}`);
    else if (news !== last) out.write(`${time}\n${text}`);
    last = news;
    await sleep(everySeconds * 1000);
  }
}

/** The first lines of a text, and how many are left out. */
function cut(text: string, most: number): string {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= most) return text;
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more lines`, ''].join('\n');
}
