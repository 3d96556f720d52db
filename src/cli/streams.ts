/** A stream for text, e.g. `process.stdout`; a terminal knows its size. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** Where a command writes: results to `out`, progress and notices to `err`. */
export interface Streams {
  readonly out: Output;
  readonly err: Output;
}

/** The streams of this process, and what became of them. */
export interface ProcessStreams extends Streams {
  /** Waits until all is written. What went wrong with the results on the way, as a sentence; null when nothing did. */
  problem(): Promise<string | null>;
}

/**
 * Standard output and standard error. That nobody reads them any more, or that their disk is full, is no reason to stop
 * training: what cannot be written is dropped.
 */
export function processStreams(): ProcessStreams {
  let problem: string | null = null;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // `gnoise table ... | head` closes the pipe early; that is no error.
    if (code !== 'EPIPE') problem = `The results could not be written to standard output: ${message}.`;
  });
  process.stderr.on('error', () => {});
  return {
    out: process.stdout,
    err: process.stderr,
    async problem() {
      await new Promise((resolve) => process.stdout.write('', resolve));
      return problem;
    },
  };
}
