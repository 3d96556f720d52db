import { stopSignal } from '../runner/stop-signal.js';
import { exitCodes } from './exit-codes.js';
import type { Streams } from './streams.js';

/** Aborted by Ctrl-C or a request to end: training stores a checkpoint and stops. A second time, all stops at once. */
export function interruption({ err }: Streams): AbortSignal {
  return stopSignal((times) => {
    if (times > 1) process.exit(exitCodes.interrupted);
    err.write('\nStopping; a checkpoint is being stored.\n');
  });
}
