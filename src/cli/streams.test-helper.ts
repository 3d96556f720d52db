import { Writable } from 'node:stream';
import type { Output, Streams } from './streams.js';

/** Streams that keep what is written to them. */
export interface Captured extends Streams {
  /** What has been written so far. */
  readonly text: { out: string; err: string };
}

/** @param terminal `isTTY`, `columns` and `rows` of both. */
export function capture(terminal: Pick<Output, 'isTTY' | 'columns' | 'rows'> = {}): Captured {
  const text = { out: '', err: '' };
  const stream = (name: 'out' | 'err'): Output =>
    Object.assign(
      new Writable({
        write(chunk, _, done) {
          text[name] += chunk;
          done();
        },
      }),
      terminal,
    );
  return { out: stream('out'), err: stream('err'), text };
}
