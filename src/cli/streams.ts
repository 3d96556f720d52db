import type { Writable } from 'node:stream';

/** Where a command writes: results to `out`, progress and notices to `err`. */
export interface Streams {
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly err: Writable & { readonly isTTY?: boolean };
}
