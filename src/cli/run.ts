import type { DataContext } from '../experiments/experiment.js';
import { type Planned, planRuns } from '../planning/requests.js';
import type { Outcome } from '../results/record.js';
import { ResultStore } from '../results/store.js';
import { Done } from '../runner/done.js';
import type { WorkerMessage } from '../runner/pool.js';
import { dryRun } from './dry-run.js';
import { type ProgressView, progressView } from './progress.js';
import { Board, labelOf } from './run-board.js';
import { sweepHere } from './run-here.js';
import type { RunOptions, WorkerOrder } from './run-options.js';
import { sweepInWorkers } from './run-workers.js';
import type { Streams } from './streams.js';

/** How a run ended, for the exit code. */
export interface RunSummary {
  readonly trials: number;
  readonly outcomes: { readonly [kind in Outcome['kind']]: number };
  /** Not stored at the end: interrupted, or in the hands of other runners. */
  readonly unfinished: number;
  readonly interrupted: boolean;
}

/** `gnoise run`: trains what is missing of every config, and says on `out` what came of it. */
export async function runCommand(
  files: readonly string[],
  options: RunOptions,
  data: DataContext,
  streams: Streams,
  signal: AbortSignal,
): Promise<RunSummary> {
  const store = new ResultStore(options.results);
  const planned = await planRuns(files, options, { ...data, offline: options.dryRun || data.offline });
  if (options.dryRun) {
    for (const each of planned) streams.out.write(await dryRun(each, store, options, data));
    return summarise(planned, store, null, false);
  }
  const retryFailedBefore = options.retryFailed ? new Date().toISOString() : null;
  const view = progressView(streams, options.quiet);
  try {
    for (const each of planned) {
      if (!signal.aborted) await train(each, store, { ...options, retryFailedBefore }, data, view, signal);
    }
  } finally {
    view.stop();
  }
  const summary = await summarise(planned, store, retryFailedBefore, signal.aborted);
  streams.out.write(options.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  return summary;
}

/** What a worker process does: train beside the others, and tell the parent. */
export async function workerCommand(
  files: readonly string[],
  options: RunOptions & WorkerOrder,
  data: DataContext,
  signal: AbortSignal,
  tell: (message: WorkerMessage) => void,
): Promise<void> {
  const [planned] = await planRuns(files, options, data);
  const store = new ResultStore(options.results);
  await sweepHere(planned!, store, options, data, signal, {
    onPopulation: (trials, steps, resumedAt) =>
      tell({ kind: 'population', replicas: trials.length, steps, resumedAt }),
    onProgress: (progress) => tell({ kind: 'progress', ...progress }),
    onTrial: (trial, outcome) => tell({ kind: 'trial', id: trial.id, label: labelOf(trial), outcome }),
  });
}

async function train(
  planned: Planned,
  store: ResultStore,
  options: RunOptions & WorkerOrder,
  data: DataContext,
  view: ProgressView,
  signal: AbortSignal,
): Promise<void> {
  const { config, trials } = planned;
  const done = new Done(store, trials, options.retryFailedBefore);
  await done.refresh();
  const pending = done.pending();
  view.line(
    `${config.name} (${config.profile.name}): ${trials.length} trials, ${trials.length - pending.length} done`,
  );
  if (pending.length === 0) return;
  const board = new Board(view, trials.length, trials.length - pending.length);
  const { backendFor } = await import('../backends/index.js');
  const jobs = Math.min(options.jobs ?? (await backendFor(options.backend)).processes, pending.length);
  if (jobs <= 1) await sweepHere(planned, store, options, data, signal, board.events(0));
  else await sweepInWorkers(config.file, jobs, options, data, signal, board);
}

async function summarise(
  planned: readonly Planned[],
  store: ResultStore,
  retryFailedBefore: string | null,
  interrupted: boolean,
): Promise<RunSummary> {
  const outcomes = { succeeded: 0, missed: 0, diverged: 0, failed: 0 };
  let trials = 0;
  let unfinished = 0;
  for (const each of planned) {
    const done = new Done(store, each.trials, retryFailedBefore);
    await done.refresh();
    trials += each.trials.length;
    unfinished += done.pending().length;
    for (const kind of Object.keys(outcomes) as Outcome['kind'][]) outcomes[kind] += done.count(kind);
  }
  return { trials, outcomes, unfinished, interrupted };
}

function summaryText({ trials, outcomes, unfinished, interrupted }: RunSummary): string {
  const counts = Object.entries(outcomes).map(([kind, count]) => `${count} ${kind}`);
  const rest = unfinished === 0 ? '' : `, ${unfinished} not finished`;
  const hint = interrupted ? '\nInterrupted; what is done is kept. Run the same command again to go on.' : '';
  return `${trials} trials: ${counts.join(', ')}${rest}${hint}\n`;
}
