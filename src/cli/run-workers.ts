import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import type { DataContext } from '../experiments/experiment.js';
import { runWorkers, type WorkerEnd, type WorkerMessage } from '../runner/pool.js';
import type { Board, SlotEvents } from './run-board.js';
import type { RunOptions, WorkerOrder } from './run-options.js';

const PROGRAM = fileURLToPath(new URL('../../bin/gnoise.js', import.meta.url));

/** Trains in `jobs` processes, which share the work by claiming it. */
export async function sweepInWorkers(
  file: string,
  jobs: number,
  options: RunOptions & WorkerOrder,
  data: DataContext,
  signal: AbortSignal,
  board: Board,
): Promise<void> {
  const args = workerArguments(file, jobs, options, data);
  const events = Array.from({ length: jobs }, (_, slot) => board.events(slot));
  const ends = await runWorkers(PROGRAM, args, jobs, signal, (slot, message) =>
    relay(message, events[slot]!, board),
  );
  const bad = ends.find(({ code }) => code !== 0);
  if (bad && !signal.aborted) throw workerError(bad);
}

/** The command line that gives a worker the same trials; it must not look for data again that could not be had. */
function workerArguments(
  file: string,
  jobs: number,
  options: RunOptions & WorkerOrder,
  data: DataContext,
): string[] {
  const { backend } = options;
  const optional = (flag: string, value: string | number | null | undefined) =>
    value === null || value === undefined ? [] : [flag, String(value)];
  const each = (flag: string, values: readonly string[] | undefined) =>
    (values ?? []).flatMap((v) => [flag, v]);
  return [
    ...['run', file, '--worker', '--offline', '--quiet'],
    ...['--results', options.results, '--jobs', String(jobs)],
    ...['--backend', backend.backend, '--device', backend.device, '--threads', String(backend.threads)],
    ...['--checkpoint-every', String(options.checkpointSeconds), '--data', data.folders[0]!],
    ...optional('--profile', options.profile),
    ...optional('--seeds', options.seeds),
    ...optional('--shard', options.shard),
    ...optional('--population', options.population),
    ...optional('--retry-failed-before', options.retryFailedBefore),
    ...each('--arm', options.arm),
    ...each('--setting', options.setting),
    ...each('--set', options.set),
  ];
}

function relay(message: WorkerMessage, events: SlotEvents, board: Board): void {
  switch (message.kind) {
    case 'population':
      events.onStart(message.replicas, message.steps, message.resumedAt);
      break;
    case 'progress':
      events.onProgress(message);
      break;
    case 'trial':
      board.finished(message.label, message.outcome);
      break;
    case 'notice':
      board.view.line(message.text);
      break;
  }
}

function workerError({ code, signal, complaint }: WorkerEnd): Error {
  if (code === 2) return new UserError(complaint);
  const end = signal ? `was ended by ${signal}` : `ended with code ${code}`;
  const hint =
    signal === 'SIGKILL' ? ' Perhaps memory ran out: try --population or --jobs with a smaller number.' : '';
  return new UserError(
    `A worker process ${end}.${hint} Finished trials are stored; run the command again to go on.${complaint ? `\n${complaint}` : ''}`,
  );
}
