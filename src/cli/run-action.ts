import { downloadReport } from './download-report.js';
import { exitCodes } from './exit-codes.js';
import { type TrialFlags, trialsOf } from './options.js';
import type { Streams } from './streams.js';

/** Flags of `run`, as commander gives them. */
export interface RunFlags extends TrialFlags {
  readonly jobs?: number;
  readonly population?: number;
  readonly backend: 'auto';
  readonly device: 'auto';
  readonly threads: number;
  readonly verbose: boolean;
  readonly results: string;
  readonly data?: string;
  readonly offline: boolean;
  readonly retryFailed: boolean;
  readonly retryFailedBefore?: string;
  readonly checkpointEvery: number;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly worker: boolean;
}

/** `gnoise run` from commander's flags to an exit code. */
export async function run(files: readonly string[], flags: RunFlags, streams: Streams): Promise<number> {
  const { runCommand, workerCommand } = await import('./run.js');
  const { dataFolders } = await import('../data/folders.js');
  const { backend, device, threads, verbose, jobs, population, checkpointEvery, ...rest } = flags;
  const options = {
    ...rest,
    ...trialsOf(flags),
    backend: { backend, device, threads, verbose },
    jobs: jobs ?? null,
    population: population ?? null,
    checkpointSeconds: checkpointEvery,
    retryFailedBefore: flags.retryFailedBefore ?? null,
  };
  const signal = stopSignal(streams, flags.worker);
  const notice = (text: string) => streams.err.write(`${text}\n`);
  const report = (name: string) => downloadReport(name, streams.err);
  const data = { folders: dataFolders(flags.data), offline: flags.offline, notice, report };
  if (flags.worker) {
    await workerCommand(files, options, { ...data, notice: () => {} }, signal, (message) =>
      process.send?.(message),
    );
    // The channel to the parent would keep this process alive.
    process.disconnect?.();
    return exitCodes.ok;
  }
  const { outcomes, unfinished, interrupted } = await runCommand(files, options, data, streams, signal);
  if (interrupted) return exitCodes.interrupted;
  // Trials that other runners have in hand are not finished either.
  return outcomes.failed + unfinished > 0 && !flags.dryRun ? exitCodes.someFailed : exitCodes.ok;
}

/** Ctrl-C once stores a checkpoint and stops; twice stops at once. A worker also stops when its parent is gone. */
export function stopSignal(streams: Streams, worker: boolean): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted && !worker) process.exit(exitCodes.interrupted);
    if (!controller.signal.aborted && !worker)
      streams.err.write('\nStopping; a checkpoint is being stored.\n');
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (worker) process.on('disconnect', () => controller.abort());
  return controller.signal;
}
