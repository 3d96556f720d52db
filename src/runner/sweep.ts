import { UserError } from '../errors.js';
import type { DataContext, Experiment, OpenData, Settings } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';
import { type Claim, claimTrials } from '../results/claims.js';
import type { Outcome, TrialRecord } from '../results/record.js';
import type { ResultStore } from '../results/store.js';
import { Population } from '../trainer/population.js';
import { settingsOf } from '../trainer/settings.js';
import { type Progress, type TrialResult, train } from '../trainer/train.js';
import { planPopulations } from '../trials/populations.js';
import type { Trial } from '../trials/trial.js';
import { Checkpoints, type Interrupted } from './checkpoints.js';
import { Done } from './done.js';
import type { Origin } from './provenance.js';
import { structureOf } from './structure.js';

/** Trials of one config and profile that are to be trained. */
export interface Sweep {
  readonly experiment: Experiment;
  readonly trials: readonly Trial[];
}

/** What a sweep needs from outside. */
export interface SweepContext {
  readonly store: ResultStore;
  readonly data: DataContext;
  readonly origin: Origin;
  /**
   * Most replicas in lockstep, given what one of these trials needs, how many of its structure there are to train, and how
   * many structures.
   */
  populationSize(bytesPerReplica: number, alike: number, structures: number): number;
  readonly checkpointSeconds: number;
  /** Failed trials that finished before this moment (ISO 8601) are trained again; null: none. */
  readonly retryFailedBefore: string | null;
  readonly signal: AbortSignal;
  readonly events: SweepEvents;
}

/** What a sweep tells while it works. */
export interface SweepEvents {
  onPopulation(trials: readonly Trial[], steps: number, resumedAt: number): void;
  onProgress(progress: Progress): void;
  onTrial(trial: Trial, outcome: Outcome): void;
}

/**
 * Trains what is missing, population by population, beside any number of other runners on the same results folder.
 * Returns when nothing is left that nobody else is training, or when the signal is aborted.
 */
export async function runSweep({ experiment, trials }: Sweep, context: SweepContext): Promise<void> {
  if (trials.length === 0) return;
  const done = new Done(context.store, trials, context.retryFailedBefore);
  const folder = context.store.folder(trials[0]!.config, trials[0]!.profile);
  const checkpoints = new Checkpoints(folder);
  const data = new DataCache(experiment, context.data);
  await done.refresh();
  const pendingAtStart = done.pending();
  const structures = new Map(
    pendingAtStart.map((trial) => [trial.id, canonicalJson(structureOf(experiment, trial))]),
  );
  try {
    while (!context.signal.aborted) {
      await done.refresh();
      let next: Work | null = null;
      const claim = await claimTrials(
        folder,
        done.pending().map(({ id }) => id),
        async (free) => {
          // Looked at again under the lock: another runner may have finished some meanwhile.
          await done.refresh();
          const open = new Set(free.filter((id) => !done.isDone(id)));
          next = await nextPopulation(experiment, pendingAtStart, structures, open, checkpoints, context);
          return next?.trials.map(({ id }) => id) ?? [];
        },
      );
      if (!claim || !next) break;
      await trainOne(experiment, next, claim, checkpoints, data, context);
    }
    await done.refresh();
    await checkpoints.prune((id) => done.isDone(id));
  } finally {
    data.dispose();
  }
}

/** A population to train: from the start, or from where it was interrupted. */
interface Work {
  readonly trials: readonly Trial[];
  readonly interrupted: Interrupted | null;
}

async function nextPopulation(
  experiment: Experiment,
  pendingAtStart: readonly Trial[],
  structures: ReadonlyMap<string, string>,
  open: ReadonlySet<string>,
  checkpoints: Checkpoints,
  context: SweepContext,
): Promise<Work | null> {
  const free = pendingAtStart.filter(({ id }) => open.has(id));
  if (free.length === 0) return null;
  const interrupted = await checkpoints.find(open);
  if (interrupted) {
    const ids = new Set(interrupted.snapshot.ids);
    return { trials: free.filter(({ id }) => ids.has(id)), interrupted };
  }
  const structure = ({ id }: Trial) => structures.get(id)!;
  const bytes = experiment.bytesPerReplica(settingsOf(experiment, free[0]!.description));
  const isAlike = (trial: Trial) => structure(trial) === structure(free[0]!);
  // Shared out by what there was to do at the start: populations do not dwindle towards the end.
  const alike = pendingAtStart.filter(isAlike).length;
  const size = context.populationSize(bytes, alike, new Set(structures.values()).size);
  const [first] = planPopulations(free.filter(isAlike), structure, size);
  return { trials: first!, interrupted: null };
}

async function trainOne(
  experiment: Experiment,
  work: Work,
  claim: Claim,
  checkpoints: Checkpoints,
  data: DataCache,
  context: SweepContext,
): Promise<void> {
  try {
    await trainPopulation(experiment, work, claim, checkpoints, data, context);
  } catch (error) {
    // A full disk or a lost claim says nothing about the trials: nothing is recorded, the checkpoint stays.
    if (error instanceof UserError) throw error;
    // Should it be the checkpoint that cannot be continued, the next attempt starts anew.
    if (work.interrupted) await checkpoints.remove(work.interrupted.file);
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    for (const trial of work.trials.filter(({ id }) => claim.ids.includes(id)))
      await record(
        trial,
        { outcome: { kind: 'failed', error: failure }, metrics: {}, curve: [] },
        0,
        1,
        context,
      );
  } finally {
    await claim.release();
  }
}

async function trainPopulation(
  experiment: Experiment,
  { trials, interrupted }: Work,
  claim: Claim,
  checkpoints: Checkpoints,
  data: DataCache,
  context: SweepContext,
): Promise<void> {
  const opened = await data.open(settingsOf(experiment, trials[0]!.description).data);
  const budget = experiment.budget(settingsOf(experiment, trials[0]!.description));
  const population = new Population(experiment, trials, opened, interrupted?.snapshot ?? null);
  const size = trials.length;
  const file = checkpoints.path(trials[0]!.id);
  const startedAt = interrupted?.startedAt ?? new Date().toISOString();
  const clock = stopwatch(interrupted?.seconds ?? 0);
  let savedAt = performance.now();
  // A long test has no turns between updates; should the claim be lost meanwhile, the next turn finds out.
  const beating = setInterval(() => claim.heartbeat().catch(() => undefined), HEARTBEAT_MS);
  context.events.onPopulation(trials, budget.steps, population.step);
  try {
    const finished = await train(population, budget, {
      signal: context.signal,
      onProgress: (progress) => context.events.onProgress(progress),
      async onFinished(trial, result) {
        await record(trial, result, clock(), size, context, startedAt);
        await claim.drop(trial.id);
      },
      async onTurn() {
        if (!(await claim.heartbeat())) throw new UserError(LOST_CLAIM);
      },
      wantsSnapshot: () => performance.now() - savedAt > context.checkpointSeconds * 1000,
      async onSnapshot(snapshot) {
        await checkpoints.write(file, snapshot, clock(), startedAt);
        savedAt = performance.now();
      },
    });
    if (finished) await checkpoints.remove(file);
  } finally {
    clearInterval(beating);
    population.dispose();
  }
}

/** Well below the two minutes after which a silent claim counts as dead. */
const HEARTBEAT_MS = 10_000;

const LOST_CLAIM =
  'This runner was halted for more than two minutes and another one has taken over its trials. Nothing was lost; run the command again.';

function stopwatch(before: number): () => number {
  const start = performance.now();
  return () => before + (performance.now() - start) / 1000;
}

async function record(
  trial: Trial,
  result: TrialResult,
  seconds: number,
  population: number,
  context: SweepContext,
  startedAt = new Date().toISOString(),
): Promise<void> {
  const finishedAt = new Date().toISOString();
  const provenance = {
    ...context.origin,
    startedAt,
    finishedAt,
    seconds: Math.round(seconds * 10) / 10,
    population,
  };
  const stored: TrialRecord = { ...trial, format: 1, ...result, provenance };
  await context.store.write(stored);
  context.events.onTrial(trial, result.outcome);
}

/** The data of the population in training: populations with the same data follow each other, so one is kept open. */
class DataCache {
  private key = '';
  private current: OpenData | null = null;

  constructor(
    private readonly experiment: Experiment,
    private readonly context: DataContext,
  ) {}

  async open(data: Settings['data']): Promise<OpenData> {
    const key = canonicalJson(data);
    if (this.current && key === this.key) return this.current;
    this.dispose();
    this.current = await this.experiment.openData(data, this.context);
    this.key = key;
    return this.current;
  }

  dispose(): void {
    this.current?.dispose();
    this.current = null;
  }
}
