import { constants } from 'node:os';
import { type StopName, Stopped, stopSignal } from '../runner/stop-signal.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

/** Milliseconds within which one Ctrl-C may arrive twice: from the terminal, and from an npx or shell that passes it on. */
const ECHO_MS = 1000;

/**
 * Aborted by Ctrl-C or any request to end. Only Ctrl-C pressed again, after the user was told so, stops at once: schedulers
 * repeat their signals.
 * @param say shows the user a line.
 * @param consequence what happens now, for the user.
 */
export function interruption(say: (text: string) => void, consequence: string): AbortSignal {
  let toldAt = Number.NaN;
  return stopSignal((by) => {
    if (Number.isNaN(toldAt)) {
      say(`Stopping; ${consequence}. Ctrl-C once more stops at once.`);
      toldAt = performance.now();
    } else if (by === 'SIGINT' && performance.now() - toldAt > ECHO_MS) {
      process.exit(codeOf(by));
    }
  });
}

/** What a command ends with that was interrupted: 128 and the signal's number, as shells say it. */
export function interruptedBy({ reason }: AbortSignal): ExitCode {
  return reason instanceof Stopped ? codeOf(reason.by) : exitCodes.interrupted;
}

function codeOf(by: StopName): ExitCode {
  return (128 + constants.signals[by]) as ExitCode;
}
