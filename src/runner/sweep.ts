import { UserError } from '../errors.js';
import type { DataContext, Experiment } from '../experiments/experiment.js';
import { type Claim, claimTrials } from '../results/claims.js';
import { isTrained, type TrialRecord } from '../results/record.js';
import type { ResultStore } from '../results/store.js';
import { WeightStore } from '../results/weights.js';
import { Population } from '../trainer/population.js';
import { settingsOf } from '../trainer/settings.js';
import { type TrialResult, train } from '../trainer/train.js';
import type { Trial } from '../trials/trial.js';
import { Checkpoints, type Interrupted } from './checkpoints.js';
import type { DataCache } from './data-cache.js';
import { Done } from './done.js';
import type { SweepEvent } from './events.js';
import { Planner, type Room } from './planner.js';
import type { Origin } from './provenance.js';
import { Stopwatch } from './stopwatch.js';

/** What a sweep needs from outside. */
export interface SweepContext {
  readonly store: ResultStore;
  /** Where the data is kept open that populations train on. */
  readonly data: DataCache;
  readonly dataContext: DataContext;
  readonly origin: Origin;
  readonly room: Room;
  readonly checkpointSeconds: number;
  /** Failed trials that finished before this moment (ISO 8601) are trained again; null: none. */
  readonly retryFailedBefore: string | null;
  /** Whether the trained weights of every trial are kept beside its record. */
  readonly keepWeights: boolean;
  /** Aborted: stores a checkpoint and stops. */
  readonly signal: AbortSignal;
  tell(event: SweepEvent): void;
}

/** Trials that this process has claimed: to be trained from the start, or from where they were interrupted. */
interface Work {
  readonly claim: Claim;
  readonly trials: readonly Trial[];
  readonly interrupted: Interrupted | null;
}

/** Well below the two minutes after which a silent claim counts as dead. */
const HEARTBEAT_MS = 10_000;

/** Milliseconds between two tellings of how far a population is. */
const PROGRESS_MS = 500;

const LOST_CLAIM =
  "This runner's claim on its trials is gone: the file was deleted, or this runner gave no sign of life for two minutes and another one took over. What is finished is stored; run the command again to go on.";

/** The training of what is missing among the trials of one config and profile. */
export class Sweep {
  private readonly folder: string;
  private readonly done: Done;
  private readonly checkpoints: Checkpoints;
  private readonly weights: WeightStore;

  /** @param trials at least one. */
  constructor(
    private readonly experiment: Experiment,
    trials: readonly Trial[],
    private readonly context: SweepContext,
  ) {
    const { store, retryFailedBefore } = context;
    this.folder = store.folder(trials[0]!.config, trials[0]!.profile);
    this.done = new Done(store, trials, retryFailedBefore);
    this.checkpoints = new Checkpoints(this.folder, (text) => context.tell({ kind: 'notice', text }));
    this.weights = new WeightStore(store);
  }

  /**
   * Trains population by population, beside any number of other runners on the same results folder. Returns when nothing
   * is left that nobody else is training, or when the signal is aborted.
   * @throws UserError when the disk, the data or a lost claim stops it; what is finished is stored.
   */
  async run(): Promise<void> {
    await this.done.refresh();
    const planner = new Planner(this.experiment, this.done.pending(), this.context.room);
    while (!this.context.signal.aborted) {
      const work = await this.claimNext(planner);
      if (!work) break;
      await this.work(work);
    }
    await this.done.refresh();
    await this.checkpoints.prune((id) => this.done.isDone(id));
  }

  /** The next population, claimed; null when nothing is left that nobody else is training. */
  private async claimNext(planner: Planner): Promise<Work | null> {
    await this.done.refresh();
    let next: Omit<Work, 'claim'> = { trials: [], interrupted: null };
    const pending = this.done.pending().map(({ id }) => id);
    const claim = await claimTrials(this.folder, pending, async (free) => {
      // Looked at again under the lock: another runner may have finished some meanwhile.
      await this.done.refresh();
      next = await this.pick(planner, new Set(free.filter((id) => !this.done.isDone(id))));
      return next.trials.map(({ id }) => id);
    });
    return claim && { claim, ...next };
  }

  /** Out of the open trials: what was interrupted comes first. */
  private async pick(planner: Planner, open: ReadonlySet<string>): Promise<Omit<Work, 'claim'>> {
    const free = planner.trials.filter(({ id }) => open.has(id));
    const interrupted = await this.checkpoints.find(open);
    if (!interrupted) return { trials: planner.plan(free)[0] ?? [], interrupted };
    const ids = new Set(interrupted.ids);
    return { trials: free.filter(({ id }) => ids.has(id)), interrupted };
  }

  /** Trains what was claimed, and gives the claim back; a fault of the program is recorded, and the sweep goes on. */
  private async work(work: Work): Promise<void> {
    try {
      await this.train(work);
    } catch (error) {
      // A full disk or a lost claim says nothing about the trials: nothing is recorded, the checkpoint stays.
      if (error instanceof UserError) throw error;
      await this.recordFault(work, error);
    } finally {
      await work.claim.release();
    }
  }

  private async train({ claim, trials, interrupted }: Work): Promise<void> {
    const { signal, checkpointSeconds, keepWeights, origin, tell } = this.context;
    const settings = settingsOf(this.experiment, trials[0]!.description);
    const budget = this.experiment.budget(settings);
    const data = await this.context.data.open(this.experiment, settings.data, this.context.dataContext);
    const population = new Population(this.experiment, trials, data, interrupted?.snapshot ?? null);
    const clock = new Stopwatch(interrupted);
    const ids = trials.map(({ id }) => id);
    const checkpoint = this.checkpoints.path(ids);
    let savedAt = performance.now();
    let superseded = false;
    let toldAt = performance.now();
    let loss: number | null = null;
    // A long test has no turns between updates; should the claim be lost meanwhile, the next turn finds out.
    const beating = setInterval(() => claim.heartbeat().catch(() => undefined), HEARTBEAT_MS);
    tell({ kind: 'population', replicas: trials.length, steps: budget.steps, resumedAt: population.step });
    try {
      const finished = await train(population, budget, {
        signal,
        onProgress(progress) {
          toldAt = performance.now();
          loss = Number.isFinite(progress.loss) ? progress.loss : null;
          tell({ kind: 'progress', ...progress, loss });
        },
        onFinished: async (trial, result) => {
          // Before the record: whoever sees that finds these.
          if (keepWeights && isTrained(result.outcome.kind))
            await this.weights.write(trial, await population.weightsOf(trial), origin.gnoise);
          await this.record(trial, result, clock, trials.length);
          await claim.drop(trial.id);
        },
        async onTurn() {
          if (!(await claim.heartbeat())) throw new UserError(LOST_CLAIM);
          // The loss is read from the device only at reports, which may be minutes apart.
          if (performance.now() - toldAt < PROGRESS_MS) return;
          toldAt = performance.now();
          const { step, trials: training } = population;
          tell({ kind: 'progress', step, steps: budget.steps, replicas: training.length, loss });
        },
        wantsSnapshot: () => performance.now() - savedAt > checkpointSeconds * 1000,
        onSnapshot: async (snapshot) => {
          await this.checkpoints.write(checkpoint, snapshot, clock.seconds, clock.startedAt);
          savedAt = performance.now();
          // What this population was continued from is superseded now.
          if (interrupted !== null && !superseded) {
            superseded = true;
            await this.checkpoints.prune((id) => this.done.isDone(id), {
              file: checkpoint,
              ids: snapshot.ids,
              step: snapshot.step,
            });
          }
          tell({ kind: 'checkpoint', file: checkpoint });
        },
      });
      if (finished) await this.checkpoints.remove(checkpoint);
    } finally {
      clearInterval(beating);
      population.dispose();
    }
  }

  private async recordFault({ claim, trials, interrupted }: Work, fault: unknown): Promise<void> {
    // Should it be the checkpoint that cannot be continued, the next attempt starts anew; unless others need it.
    const own = new Set(trials.map(({ id }) => id));
    if (interrupted?.snapshot.ids.every((id) => own.has(id))) await this.checkpoints.remove(interrupted.file);
    const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    const result: TrialResult = { outcome: { kind: 'failed', error }, metrics: {}, curve: [] };
    for (const trial of trials.filter(({ id }) => claim.ids.includes(id)))
      await this.record(trial, result, new Stopwatch(), 1);
  }

  private async record(
    trial: Trial,
    result: TrialResult,
    { startedAt, seconds }: Stopwatch,
    population: number,
  ): Promise<void> {
    const provenance = {
      ...this.context.origin,
      startedAt,
      finishedAt: new Date().toISOString(),
      seconds: Math.round(seconds * 10) / 10,
      population,
    };
    const stored: TrialRecord = { ...trial, format: 1, ...result, provenance };
    await this.context.store.write(stored);
    this.context.tell({ kind: 'trial', id: trial.id, outcome: result.outcome });
  }
}
