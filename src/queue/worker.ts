import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type BackendChoice, backendFor } from '../backends/index.js';
import { environmentOn } from '../backends/tensorflow/cards.js';
import { UserError } from '../errors.js';
import type { SweepEvent } from '../runner/events.js';
import type { DataReports } from '../runner/request.js';
import type { Trial } from '../trials/trial.js';
import { orderOf, type PopulationJob } from './job.js';
import { ATTEMPTS, PREFIX, QUEUE } from './names.js';
import { Parcels, SIGN_SECONDS } from './parcels.js';
import { PopulationTraining } from './population-training.js';
import { connect, parseAddress, type QueuePackages, queuePackages } from './redis.js';
import { TrainingProcess } from './training-process.js';

/** What `gnoise work` is asked for. */
export interface WorkRequest {
  /** Address of the server; may hold a password, and is shown to nobody. */
  readonly address: string;
  readonly backend: BackendChoice;
  /** First match wins; downloads go into the first. */
  readonly dataFolders: readonly string[];
  readonly offline: boolean;
  /** Populations at once, a process each; null lets the backend decide. */
  readonly jobs: number | null;
  /** Whether it ends when no job waits any more. */
  readonly untilEmpty: boolean;
}

/** How a worker is followed and ended. */
export interface WorkSupervision {
  readonly data: DataReports;
  /** Aborted: jobs in hand go back with a checkpoint, and the worker ends. */
  readonly signal: AbortSignal;
  /** A population of these trials was taken, to be trained in process `slot` (from 0). */
  begin(slot: number, trials: readonly Trial[]): void;
  tell(slot: number, event: SweepEvent): void;
}

/**
 * Milliseconds after which a job whose worker gives no sign counts as stalled. The lock is renewed by this process, which
 * does not compute: training has processes of its own.
 */
const LOCK_MS = 10_000;

/** Jobs that stall only lost their machine, however often that happens. */
const ANY_NUMBER = 2 ** 31 - 1;

/** Milliseconds after which others may take a job that this machine refused. */
const REFUSED_MS = 3000;

/**
 * Takes populations from a queue and trains them until it is told to stop, or the queue is empty.
 * @throws UserError when there is no such server, or this machine cannot train what was asked for: the job goes back.
 */
export async function work(request: WorkRequest, supervision: WorkSupervision): Promise<void> {
  const url = parseAddress(request.address);
  const packages = await queuePackages();
  const redis = await connect(url, packages);
  try {
    await new QueueWorker(request, supervision, redis, packages).run();
  } finally {
    redis.disconnect();
  }
}

class QueueWorker {
  private readonly parcels: Parcels;
  private readonly name = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  /** Trainings in progress, by slot. */
  private readonly slots = new Map<number, PopulationTraining>();
  /** Those that train, by slot. */
  private processes: readonly TrainingProcess[] = [];
  private refusal: UserError | null = null;
  private worker!: Worker<PopulationJob>;
  private stopping = false;

  constructor(
    private readonly request: WorkRequest,
    private readonly supervision: WorkSupervision,
    private readonly redis: Redis,
    private readonly packages: QueuePackages,
  ) {
    this.parcels = new Parcels(redis);
  }

  async run(): Promise<void> {
    const { backend, jobs } = this.request;
    const { signal } = this.supervision;
    const { name: backendName, processes, cards } = await backendFor(backend);
    const concurrency = jobs ?? processes;
    this.processes = Array.from(
      { length: concurrency },
      // Its environment shows the server's address to nobody.
      (_, slot) =>
        new TrainingProcess({ ...environmentOn(cards, slot), GNOISE_QUEUE: undefined }, backend.verbose),
    );
    const sign = { host: hostname(), pid: process.pid, jobs: concurrency, backend: backendName };
    await this.parcels.giveSign(this.name, sign);
    const signs = setInterval(
      () => this.parcels.giveSign(this.name, sign).catch(() => {}),
      (SIGN_SECONDS * 1000) / 3,
    );
    this.worker = new this.packages.bullmq.Worker<PopulationJob>(
      QUEUE,
      (job, token) => this.take(job, token!, cards.length),
      {
        connection: this.redis,
        prefix: PREFIX,
        name: this.name,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: LOCK_MS / 2,
        maxStalledCount: ANY_NUMBER,
        removeOnComplete: { count: 0 },
      },
    );
    this.worker.on('error', () => {
      // The server is away, or a lock was lost: both are seen to where they matter.
    });
    this.worker.on('lockRenewalFailed', (ids: string[]) => {
      for (const training of this.slots.values()) if (ids.includes(training.job.id)) training.lose();
    });
    this.worker.on('completed', ({ id }) => void this.parcels.forgetJob(id!).catch(() => {}));
    const emptied = this.request.untilEmpty ? this.watchForEmptiness() : null;
    const onAbort = () => void this.stop();
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) void this.stop();
    try {
      await this.closed();
    } finally {
      clearInterval(signs);
      if (emptied) clearInterval(emptied);
      signal.removeEventListener('abort', onAbort);
      await Promise.all(this.processes.map((each) => each.letGo()));
      await this.parcels.takeLeave(this.name);
    }
    if (this.refusal) throw this.refusal;
  }

  /** Resolves when the worker has been closed. */
  private closed(): Promise<void> {
    return new Promise((resolve) => this.worker.once('closed', () => resolve()));
  }

  /** Takes no job any more, and hands back those in hand. */
  private async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const closing = this.worker.close();
    for (const training of this.slots.values()) training.stop();
    await closing.catch(() => {});
  }

  private watchForEmptiness(): NodeJS.Timeout {
    const { Queue } = this.packages.bullmq;
    const queue = new Queue(QUEUE, { connection: this.redis, prefix: PREFIX });
    queue.on('error', () => {});
    const look = async () => {
      if (this.slots.size > 0) return;
      const counts = await queue.getJobCounts('waiting', 'delayed', 'prioritized');
      if (Object.values(counts).every((count) => count === 0) && this.slots.size === 0) await this.stop();
    };
    return setInterval(() => void look().catch(() => {}), 500);
  }

  private async take(job: Job<PopulationJob>, token: string, cards: number): Promise<void> {
    const { bullmq } = this.packages;
    const held = { id: job.id!, token };
    const slot = this.freeSlot();
    const process = this.processes[slot]!;
    const training = new PopulationTraining(held, this.parcels, {
      isLastAttempt: job.attemptsMade + 1 >= (job.opts.attempts ?? ATTEMPTS),
      report: (event) => job.updateProgress(event).catch(() => {}),
      tell: (event) => this.supervision.tell(slot, event),
    });
    this.slots.set(slot, training);
    // A job that came while this machine was told to stop.
    if (this.stopping) training.stop();
    try {
      const handedIn = await this.parcels.handedIn(held.id);
      const { backend, dataFolders, offline } = this.request;
      const local = {
        backend,
        dataFolders: [...dataFolders],
        processes: this.processes.length,
        cards,
        results: training.folder,
      };
      const order = orderOf(job.data, local, handedIn);
      if (order.trials.length === 0) return;
      this.supervision.begin(slot, order.trials);
      const fate = await training.run(order, process, {
        ...this.supervision.data,
        folders: dataFolders,
        offline,
      });
      // Handed back: no attempt is used up.
      if (fate === 'interrupted') {
        await job.moveToWait(token);
        throw new bullmq.WaitingError();
      }
    } catch (error) {
      // Whatever it was: the next population finds nothing of it.
      await process.letGo();
      if (!(error instanceof UserError)) throw error;
      // Not the job is wrong but this machine: others may do better.
      this.refusal ??= error;
      void this.stop();
      await job.moveToDelayed(Date.now() + REFUSED_MS, token);
      throw new bullmq.DelayedError();
    } finally {
      this.slots.delete(slot);
      await training.dispose();
    }
  }

  private freeSlot(): number {
    let slot = 0;
    while (this.slots.has(slot)) slot += 1;
    return slot;
  }
}
