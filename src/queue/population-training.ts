import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import type { DataContext } from '../experiments/experiment.js';
import { experiments } from '../experiments/index.js';
import { checkpointFile } from '../results/checkpoint.js';
import { ResultStore } from '../results/store.js';
import type { SweepEvent } from '../runner/events.js';
import type { SweepOrder } from '../runner/order.js';
import type { WorkerEnd } from '../runner/workers/worker-process.js';
import type { HeldJob, Parcels } from './parcels.js';
import type { ProgressEvent } from './progress.js';
import type { TrainingProcess } from './training-process.js';

/** Who follows a training. */
export interface Follower {
  /** Whether a failure parks the job, so that it is a result. */
  readonly isLastAttempt: boolean;
  /** To the runners, at most once a second. */
  report(event: ProgressEvent): void;
  tell(event: SweepEvent): void;
}

/** The training of one job's population, in a folder of its own. */
export class PopulationTraining {
  /** Where records and checkpoints lie until they have been handed in. */
  readonly folder = mkdtempSync(join(tmpdir(), 'gnoise-work-'));
  private readonly store = new ResultStore(this.folder);
  private readonly stopping = new AbortController();
  private isLost = false;
  /** Why the first trial failed that did. */
  private failedTrial: string | null = null;
  /** What is handed in goes one after another. */
  private handingIn: Promise<void> = Promise.resolve();
  private reportedAt = 0;
  private saidTooLarge = false;

  constructor(
    readonly job: HeldJob,
    private readonly parcels: Parcels,
    private readonly follower: Follower,
  ) {}

  /** Ends the training with a checkpoint. */
  stop(): void {
    this.stopping.abort();
  }

  /** Another worker holds the job by now: nothing is handed in any more. */
  lose(): void {
    this.isLost = true;
    this.stop();
  }

  /**
   * @param data where the population's data is looked for, and how that is told.
   * @returns whether everything has been handed in, or the training was interrupted.
   * @throws UserError for what is wrong with this machine; Error for what is wrong with the job.
   */
  async run(
    order: SweepOrder,
    process: TrainingProcess,
    data: DataContext,
  ): Promise<'finished' | 'interrupted'> {
    const { signal } = this.stopping;
    const [first] = order.trials;
    await this.obtainData(order, data);
    const checkpoint = await this.parcels.checkpoint(this.job.id);
    const checkpoints = join(this.store.folder(first!.config, first!.profile), 'checkpoints');
    if (checkpoint) await put(checkpointFile(checkpoints, first!.id), checkpoint);
    if (signal.aborted) return 'interrupted';
    const end = await process.carryOut(order, signal, (event) => this.onEvent(event, order));
    await this.handingIn;
    if (this.isLost) throw new Error('This worker lost the job to another one.');
    if (end?.failure?.isUserError) throw new UserError(end.failure.text);
    const fault = end?.failure?.text ?? this.failedTrial;
    if (fault !== null) {
      // The checkpoint may have brought it about: the next attempt starts anew.
      await this.parcels.forgetCheckpoint(this.job);
      throw new Error(fault);
    }
    const handedIn = await this.parcels.handedIn(this.job.id);
    if (order.trials.every(({ id }) => handedIn.has(id))) return 'finished';
    if (signal.aborted) return 'interrupted';
    throw new Error(faultOf(end));
  }

  async dispose(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Nothing stands in here: the trials say which data they are on. */
  private async obtainData({ trials }: SweepOrder, context: DataContext): Promise<void> {
    const { experiment, data } = trials[0]!.description;
    const obtained = await experiments.get(experiment)!.obtainData?.(data as never, context);
    if (obtained === false)
      throw new UserError(
        `The data of this job cannot be had here: ${JSON.stringify(data)}. See \`gnoise data list\`, and start the worker with --data.`,
      );
  }

  private onEvent(event: SweepEvent, order: SweepOrder): void {
    switch (event.kind) {
      case 'checkpoint':
        this.handIn(() => this.handInCheckpoint(event.file));
        return;
      case 'trial':
        this.handIn(() => this.handInRecord(event.id, order));
        this.follower.tell(event);
        return;
      case 'population':
      case 'progress':
        this.follower.tell(event);
        this.report(event);
        return;
      case 'notice':
        this.follower.tell(event);
    }
  }

  private async handInCheckpoint(file: string): Promise<void> {
    const end = await this.parcels.keepCheckpoint(this.job, await readFile(file));
    if (end !== 'too large' || this.saidTooLarge) return;
    this.saidTooLarge = true;
    const text =
      'The checkpoints of this population are too large for the queue: if this worker stops, it starts anew elsewhere. ' +
      'A smaller --population of `gnoise run --queue` makes smaller ones.';
    this.follower.tell({ kind: 'notice', text });
  }

  private async handInRecord(id: string, { trials }: SweepOrder): Promise<void> {
    const record = await this.store.readOne(trials.find((trial) => trial.id === id)!);
    if (!record || this.isLost) return;
    if (record.outcome.kind === 'failed') {
      this.failedTrial ??= record.outcome.error;
      // Another attempt may go better; the last one's failure is the result.
      if (!this.follower.isLastAttempt) return;
    }
    if (!(await this.parcels.handIn(this.job, record))) this.lose();
  }

  private handIn(work: () => Promise<void>): void {
    this.handingIn = this.handingIn.then(work).catch(() => {
      // A file that is gone again was followed by a later one; what is missing at the end is trained again.
    });
  }

  private report(event: ProgressEvent): void {
    const now = performance.now();
    if (event.kind === 'progress' && now - this.reportedAt < 1000) return;
    this.reportedAt = now;
    this.follower.report(event);
  }
}

/** Why results are missing of a training that said nothing itself. */
function faultOf(end: WorkerEnd | null): string {
  if (!end) return 'The training ended without a result of every trial.';
  const { code, signal, complaint } = end;
  return `The training process ended with ${signal ?? `code ${code}`}. ${complaint}`.trim();
}

async function put(file: string, content: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
