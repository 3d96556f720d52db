/** A stream for text, e.g. `process.stdout`. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Where a command writes: results to `out`, progress and notices to `err`. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
}
