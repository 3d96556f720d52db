import { join } from 'node:path';
import { backendFor } from '../backends/index.js';
import { UserError } from '../errors.js';
import { removeLeftovers } from '../files/whole.js';
import { type Planned, planConfigs } from '../planning/configs.js';
import { liveClaims, removeDeadClaims } from '../results/claims.js';
import { isTrained, type Outcome } from '../results/record.js';
import { ResultStore } from '../results/store.js';
import { WeightStore } from '../results/weights.js';
import { Checkpoints } from './checkpoints.js';
import { Done } from './done.js';
import type { SweepEvent } from './events.js';
import { Executor } from './executor.js';
import type { SweepOrder } from './order.js';
import type { DataReports, RunRequest } from './request.js';
import { ownVersion } from './version.js';
import { trainInWorkers } from './workers/train.js';

/** How a run is followed and ended. */
export interface RunSupervision {
  /** How the loading of data is reported. */
  readonly data: DataReports;
  /** Aborted: a checkpoint is stored, and training stops. */
  readonly signal: AbortSignal;
  /** The turn has come to a config, of whose trials `done` are stored. */
  begin(planned: Planned, done: number): void;
  /** What the sweep in process `slot` (from 0) tells. */
  tell(slot: number, event: SweepEvent): void;
}

/** A runner, perhaps on another machine, that trains what this one left to it. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly trials: number;
  /** Seconds since its last sign of life. */
  readonly quietSeconds: number;
}

/** How a run ended. */
export interface RunSummary {
  readonly trials: number;
  readonly outcomes: { readonly [kind in Outcome['kind']]: number };
  /** Not stored at the end: interrupted, or in the hands of other runners. */
  readonly unfinished: number;
  /** The living runners that train some of those. */
  readonly holders: readonly Holder[];
  /** Trained trials whose weights are not kept although they are asked for; null where they are not. */
  readonly withoutWeights: number | null;
  readonly interrupted: boolean;
}

/**
 * Trains what is missing of every config that is asked for, in this process or in several.
 * @throws ConfigError, UserError for whatever is wrong in a config or an option, or stops the training.
 */
export async function run(request: RunRequest, supervision: RunSupervision): Promise<RunSummary> {
  const { signal, data } = supervision;
  const planned = await planConfigs(request, {
    ...data,
    folders: request.dataFolders,
    offline: request.offline,
    needed: true,
  });
  const retryFailedBefore = request.retryFailed ? new Date().toISOString() : null;
  const executor = new Executor();
  try {
    for (const each of planned)
      if (!signal.aborted) await train(each, request, retryFailedBefore, executor, supervision);
  } finally {
    executor.dispose();
  }
  return {
    ...(await countOutcomes(planned, request, retryFailedBefore)),
    interrupted: signal.aborted,
  };
}

async function train(
  planned: Planned,
  request: RunRequest,
  retryFailedBefore: string | null,
  executor: Executor,
  { signal, begin, tell }: RunSupervision,
): Promise<void> {
  const { config, trials } = planned;
  const done = new Done(new ResultStore(request.results), trials, retryFailedBefore);
  await done.refresh();
  const pending = done.pending();
  begin(planned, trials.length - pending.length);
  if (pending.length === 0) return tidy(planned, request, done);
  const { cards } = await backendFor(request.backend);
  const order: SweepOrder = {
    gnoise: ownVersion(),
    trials,
    backend: request.backend,
    results: request.results,
    dataFolders: request.dataFolders,
    processes: await processesFor(request, pending.length),
    cards: cards.length,
    population: request.population ?? config.population,
    checkpointSeconds: request.checkpointSeconds,
    retryFailedBefore,
    keepWeights: request.keepWeights,
  };
  if (order.processes === 1) await executor.execute(order, { signal, tell: (event) => tell(0, event) });
  else {
    // Processes of their own need the memory.
    executor.dispose();
    await trainInWorkers(order, { signal, tell, cards });
  }
}

/** Clears away what killed runners have left where nothing is left to train. What cannot be deleted does no harm there. */
async function tidy({ config }: Planned, { results }: RunRequest, done: Done): Promise<void> {
  const folder = new ResultStore(results).folder(config.name, config.profile.name);
  try {
    await removeDeadClaims(folder);
    await removeLeftovers(join(folder, 'trials'));
    await new Checkpoints(folder, () => {}).prune((id) => done.isDone(id));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

/** How many processes train so many trials at once. */
export async function processesFor(
  { backend, jobs }: Pick<RunRequest, 'backend' | 'jobs'>,
  pending: number,
): Promise<number> {
  return Math.max(1, Math.min(jobs ?? (await backendFor(backend)).processes, pending));
}

/** How the trials of a run ended, by what is stored of them. */
export async function countOutcomes(
  planned: readonly Planned[],
  { results, keepWeights }: Pick<RunRequest, 'results' | 'keepWeights'>,
  retryFailedBefore: string | null,
): Promise<Omit<RunSummary, 'interrupted'>> {
  const outcomes = { succeeded: 0, missed: 0, diverged: 0, failed: 0 };
  let trials = 0;
  let unfinished = 0;
  let withoutWeights = 0;
  const store = new ResultStore(results);
  const holders: Holder[] = [];
  for (const each of planned) {
    const done = new Done(store, each.trials, retryFailedBefore);
    await done.refresh();
    trials += each.trials.length;
    const pending = new Set(done.pending().map(({ id }) => id));
    unfinished += pending.size;
    if (pending.size > 0) holders.push(...(await holdersOf(pending, each, results)));
    for (const kind of Object.keys(outcomes) as Outcome['kind'][]) outcomes[kind] += done.count(kind);
    if (keepWeights) withoutWeights += await countWithoutWeights(each, done, store);
  }
  return { trials, outcomes, unfinished, holders, withoutWeights: keepWeights ? withoutWeights : null };
}

async function countWithoutWeights({ config, trials }: Planned, done: Done, store: ResultStore) {
  const kept = await new WeightStore(store).ids({ config: config.name, profile: config.profile.name });
  return trials.filter(({ id }) => isTrained(done.kindOf(id)) && !kept.has(id)).length;
}

async function holdersOf(
  pending: ReadonlySet<string>,
  { config }: Planned,
  results: string,
): Promise<readonly Holder[]> {
  const claims = await liveClaims(new ResultStore(results).folder(config.name, config.profile.name));
  return claims
    .map(({ ids, ...holder }) => ({ ...holder, trials: ids.filter((id) => pending.has(id)).length }))
    .filter(({ trials }) => trials > 0);
}
