import { stopSignal } from '../runner/stop-signal.js';
import { exitCodes } from './exit-codes.js';
import type { Streams } from './streams.js';

/**
 * Aborted by Ctrl-C or a request to end; a second time, all stops at once.
 * @param consequence what happens now, for the user.
 */
export function interruption({ err }: Streams, consequence: string): AbortSignal {
  return stopSignal((times) => {
    if (times > 1) process.exit(exitCodes.interrupted);
    err.write(`\nStopping; ${consequence}.\n`);
  });
}
