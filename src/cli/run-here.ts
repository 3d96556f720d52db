import type { OpenBackend } from '../backends/index.js';
import type { DataContext } from '../experiments/experiment.js';
import type { Planned } from '../planning/requests.js';
import type { ResultStore } from '../results/store.js';
import { evenSize, populationSize } from '../runner/population-size.js';
import type { SweepContext, SweepEvents } from '../runner/sweep.js';
import type { RunOptions, WorkerOrder } from './run-options.js';

/** Trains in this process. */
export async function sweepHere(
  { config, trials }: Planned,
  store: ResultStore,
  options: RunOptions & WorkerOrder,
  data: DataContext,
  signal: AbortSignal,
  events: SweepEvents,
): Promise<void> {
  const { openBackend } = await import('../backends/index.js');
  const { runSweep } = await import('../runner/sweep.js');
  const { originOf } = await import('../runner/provenance.js');
  const backend = await openBackend(options.backend);
  const jobs = options.jobs ?? backend.processes;
  const context: SweepContext = {
    store,
    data,
    origin: await originOf(backend),
    populationSize: (bytes, alike, structures) =>
      sizeFor(backend, bytes, { alike, structures, jobs }, options.population ?? config.population),
    checkpointSeconds: options.checkpointSeconds,
    retryFailedBefore: options.retryFailedBefore,
    signal,
    events,
  };
  await runSweep({ experiment: config.experiment, trials }, context);
}

/** What is to be trained, and by how many processes. */
interface Load {
  /** Trials of one structure. */
  readonly alike: number;
  /** How many structures there are: where there are many, each process can take one whole. */
  readonly structures: number;
  readonly jobs: number;
}

/** Replicas in lockstep: what was asked for, or what memory and backend suggest, shared out among the processes. */
export function sizeFor(
  backend: Pick<OpenBackend, 'name' | 'device' | 'deviceBytes'>,
  bytes: number,
  { alike, structures, jobs }: Load,
  asked: number | null,
): number {
  const sharing = Math.max(1, Math.ceil(jobs / structures));
  return asked ?? evenSize(alike, populationSize(backend, bytes, jobs), sharing);
}
