import { constants } from 'node:os';

/**
 * How people, schedulers and terminals ask a process to end. SIGUSR1 among them, which Slurm's `--signal` often sends, and
 * at which Node.js would open a port for debuggers. Windows knows but some of them.
 */
const SIGNALS = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGXCPU',
  'SIGALRM',
] as const;

export type StopName = (typeof SIGNALS)[number];

/** Why a signal from `stopSignal` is aborted. */
export class Stopped extends Error {
  constructor(readonly by: StopName) {
    super(`The process was asked to end by ${by}.`);
  }
}

/**
 * A signal that is aborted when the system asks this process to end, so that it can store what it has and stop by itself.
 * Its reason is a `Stopped`.
 * @param asked told at every such request, the first included.
 */
export function stopSignal(asked: (by: StopName) => void = () => {}): AbortSignal {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    if (constants.signals[name] === undefined) continue;
    process.on(name, () => {
      controller.abort(new Stopped(name));
      asked(name);
    });
  }
  return controller.signal;
}

/** Ends this process as the signal would have, had it not been caught, so that whoever waits for it sees why. */
export function endBy(name: StopName): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}
