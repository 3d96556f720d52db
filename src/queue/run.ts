import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, JobType, Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { backendFor } from '../backends/index.js';
import { printable } from '../excerpt.js';
import { type Planned, planConfigs } from '../planning/configs.js';
import { decodeRecord } from '../results/encoding.js';
import { ResultStore } from '../results/store.js';
import { Done } from '../runner/done.js';
import type { SweepEvent } from '../runner/events.js';
import { Planner } from '../runner/planner.js';
import type { RunRequest } from '../runner/request.js';
import { countOutcomes, type RunSummary, type RunSupervision } from '../runner/run.js';
import { ownVersion } from '../runner/version.js';
import type { Trial } from '../trials/trial.js';
import { dataChecksumOf, jobId, type PopulationJob } from './job.js';
import { ATTEMPTS, PREFIX, QUEUE } from './names.js';
import { Parcels } from './parcels.js';
import { type ProgressEvent, parseProgress } from './progress.js';
import { connect, parseAddress, type QueuePackages, queuePackages } from './redis.js';

/** Jobs that somebody trains or is going to train. */
const UNFINISHED: JobType[] = ['waiting', 'active', 'delayed', 'prioritized'];

const LOOK_MS = 500;
/** Milliseconds between two looks at whether every trial still is in some job. */
const REPLAN_MS = 60_000;

/** How a run is followed and ended. */
export interface QueuedSupervision extends Pick<RunSupervision, 'data' | 'signal' | 'tell'> {
  /** A config is trained beside the others, and `done` of its trials are stored. */
  join(planned: Planned, done: number): void;
}

/** A config of the run, and what is done of it. */
interface Part {
  readonly planned: Planned;
  readonly done: Done;
}

/** A population that failed too often, and waits for `--retry-failed`. */
interface Parked {
  readonly trials: ReadonlySet<string>;
  readonly reason: string;
}

/**
 * Has what is missing of every config trained by the workers of a queue, stores their results as they come in, and ends
 * when all are there. It may be stopped and started again anywhere: jobs and results wait in Redis.
 * @param address of the server; may hold a password, and is shown to nobody.
 * @throws ConfigError, UserError for whatever is wrong in a config, an option or the results folder, or at the server.
 */
export async function runQueued(
  address: string,
  request: RunRequest,
  supervision: QueuedSupervision,
): Promise<RunSummary> {
  const url = parseAddress(address);
  const packages = await queuePackages();
  const redis = await connect(url, packages);
  const events = await connect(url, packages);
  try {
    const { data, signal } = supervision;
    const planned = await planConfigs(request, {
      ...data,
      folders: request.dataFolders,
      offline: request.offline,
    });
    const retryFailedBefore = request.retryFailed ? new Date().toISOString() : null;
    const store = new ResultStore(request.results);
    const parts = planned.map((each) => ({
      planned: each,
      done: new Done(store, each.trials, retryFailedBefore),
    }));
    await new QueuedRun({
      redis,
      events,
      packages,
      request,
      supervision,
      store,
      parts,
      retryFailedBefore,
    }).run();
    return {
      ...(await countOutcomes(planned, request, retryFailedBefore)),
      interrupted: signal.aborted,
    };
  } finally {
    redis.disconnect();
    events.disconnect();
  }
}

interface Context {
  readonly redis: Redis;
  /** A connection of its own, which waits for events. */
  readonly events: Redis;
  readonly packages: QueuePackages;
  readonly request: RunRequest;
  readonly supervision: QueuedSupervision;
  readonly store: ResultStore;
  readonly parts: readonly Part[];
  readonly retryFailedBefore: string | null;
}

class QueuedRun {
  private readonly token = randomUUID();
  private readonly parcels: Parcels;
  private readonly queue: Queue<PopulationJob>;
  private readonly queueEvents: QueueEvents;
  private readonly board: JobBoard;
  private parked: Parked[] = [];
  /** Aborted when there is something to be looked at before its time. */
  private news = new AbortController();
  /** Results in Redis that cannot be used, by trial: told once. */
  private readonly complained = new Set<string>();
  private readonly trials: ReadonlyMap<string, Trial>;

  constructor(private readonly context: Context) {
    const { redis, events, packages, parts, supervision } = context;
    this.parcels = new Parcels(redis);
    this.queue = new packages.bullmq.Queue<PopulationJob>(QUEUE, { connection: redis, prefix: PREFIX });
    this.queueEvents = new packages.bullmq.QueueEvents(QUEUE, { connection: events, prefix: PREFIX });
    // The server is away: what is asked of it waits until it is back.
    this.queue.on('error', () => {});
    this.queueEvents.on('error', () => {});
    this.trials = new Map(
      parts.flatMap(({ planned }) => planned.trials.map((trial) => [trial.id, trial] as const)),
    );
    this.board = new JobBoard((slot, event) => supervision.tell(slot, event));
  }

  async run(): Promise<void> {
    const { parts, supervision } = this.context;
    const { signal } = supervision;
    this.follow();
    for (const { planned, done } of parts) {
      await done.refresh();
      supervision.join(planned, planned.trials.length - done.pending().length);
    }
    if (this.context.retryFailedBefore !== null) await this.sendAgain();
    let plannedAt = Number.NEGATIVE_INFINITY;
    try {
      while (!signal.aborted && this.pending().length > 0) {
        this.news = new AbortController();
        await this.collect();
        if (performance.now() - plannedAt > REPLAN_MS || (await this.isEmpty())) {
          await this.plan();
          plannedAt = performance.now();
          if (this.everythingIsParked()) break;
        }
        await sleep(LOOK_MS, undefined, { signal: AbortSignal.any([signal, this.news.signal]) }).catch(
          () => {},
        );
      }
      for (const { reason } of this.parked)
        this.notice(
          `A population failed ${ATTEMPTS} times and is parked; --retry-failed sends it again: ${reason}`,
        );
    } finally {
      await Promise.allSettled([this.queueEvents.close(), this.queue.close()]);
    }
  }

  /** A server may have lost what it had, and what failed too often leaves nothing to wait for. */
  private async isEmpty(): Promise<boolean> {
    return (await this.queue.getJobCountByTypes(...UNFINISHED)) === 0;
  }

  private pending(): Trial[] {
    return this.context.parts.flatMap(({ done }) => done.pending());
  }

  private everythingIsParked(): boolean {
    return this.pending().every(({ id }) => this.parked.some(({ trials }) => trials.has(id)));
  }

  private notice(text: string): void {
    this.context.supervision.tell(0, { kind: 'notice', text: printable(text.split('\n')[0]!) });
  }

  /** Shows how the workers get on. */
  private follow(): void {
    this.queueEvents.on('progress', ({ jobId: id, data }) => {
      const event = parseProgress(data);
      if (event) this.board.progress(id, event);
    });
    for (const end of ['completed', 'failed', 'waiting', 'delayed'] as const)
      this.queueEvents.on(end, ({ jobId: id }: { jobId: string }) => this.board.end(id));
    for (const end of ['completed', 'failed'] as const) this.queueEvents.on(end, () => this.news.abort());
  }

  /** Stores the results that have come in. */
  private async collect(): Promise<void> {
    const { store, supervision, retryFailedBefore, parts } = this.context;
    const found = await this.parcels.records(this.pending().map(({ id }) => id));
    if (found.size === 0) return;
    for (const [id, text] of found) {
      const read = decodeRecord(text, id);
      if ('reason' in read) {
        this.complain(id, read.reason);
        continue;
      }
      // The worker says only what came of it: which cell it belongs to is what was planned here.
      const { config, profile, setting, arm, variation } = this.trials.get(id)!;
      const record = { ...read.record, config, profile, setting, arm, variation };
      const isStale = retryFailedBefore !== null && record.provenance.finishedAt < retryFailedBefore;
      if (record.outcome.kind === 'failed' && isStale) continue;
      await store.write(record);
      await this.parcels.acknowledge(id);
      supervision.tell(0, { kind: 'trial', id, outcome: record.outcome });
    }
    for (const { done } of parts) await done.refresh();
  }

  /** What cannot be trusted is thrown away, so that the trial is trained again. */
  private complain(id: string, reason: string): void {
    if (this.complained.has(id)) return;
    this.complained.add(id);
    this.notice(`The queue's result of trial ${id} is not used: ${reason}`);
    void this.parcels.forgetRecords([id]);
  }

  /** Adds a job for every trial that nobody has in hand. */
  private async plan(): Promise<void> {
    await this.parcels.planAlone(this.token, async () => {
      const jobs = (await this.queue.getJobs(UNFINISHED)).filter(Boolean);
      const failed = (await this.queue.getFailed()).filter(Boolean);
      this.parked = failed
        .map(({ data, failedReason }) => ({ trials: idsOf(data), reason: failedReason }))
        .filter(({ trials }) => this.pending().some(({ id }) => trials.has(id)));
      // After the jobs were listed: a job that ended before has handed in its results.
      await this.collect();
      const taken = new Set([...jobs, ...failed].flatMap(({ data }) => [...idsOf(data)]));
      for (const { planned, done } of this.context.parts)
        await this.add(
          planned,
          done.pending().filter(({ id }) => !taken.has(id)),
        );
    });
  }

  private async add({ config }: Planned, trials: readonly Trial[]): Promise<void> {
    if (trials.length === 0) return;
    const { request } = this.context;
    const jobs = (await this.parcels.workers()).map((worker) => worker.jobs);
    const backend = await backendFor(request.backend);
    const planner = new Planner(config.experiment, trials, {
      backend,
      // A worker's memory is not known here: populations are as large as this machine would make them.
      cards: backend.cards.length,
      processes: Math.max(backend.processes, ...jobs),
      sharers: Math.max(
        1,
        jobs.reduce((sum, each) => sum + each, 0),
      ),
      population: request.population ?? config.population,
    });
    const populations = planner.plan().map((population) => ({
      name: `${config.name} (${config.profile.name})`,
      data: {
        gnoise: ownVersion(),
        trials: population,
        dataChecksum: dataChecksumOf(population[0]!),
        checkpointSeconds: request.checkpointSeconds,
      },
      opts: {
        jobId: jobId(population),
        attempts: ATTEMPTS,
        backoff: { type: 'fixed', delay: 1000 },
        removeOnComplete: true,
      },
    }));
    await this.queue.addBulk(populations);
  }

  /** Parked populations and failed results that are to be had again are forgotten, so that they are planned anew. */
  private async sendAgain(): Promise<void> {
    const pending = new Set(this.pending().map(({ id }) => id));
    await this.parcels.forgetRecords([...pending]);
    for (const job of (await this.queue.getFailed()) as Job<PopulationJob>[])
      if ([...idsOf(job.data)].some((id) => pending.has(id))) {
        await job.remove();
        await this.parcels.forgetJob(job.id!);
      }
  }
}

/** Jobs come from outside: one of a strange form has no trials of ours. */
function idsOf(data: PopulationJob): Set<string> {
  const trials: unknown = data?.trials;
  return new Set(
    Array.isArray(trials) ? trials.map((trial: Partial<Trial> | null) => String(trial?.id)) : [],
  );
}

/** Gives each job in training a slot of the display. */
class JobBoard {
  private readonly slots: (string | undefined)[] = [];

  constructor(private readonly tell: (slot: number, event: SweepEvent) => void) {}

  progress(jobId: string, event: ProgressEvent): void {
    const known = this.slots.indexOf(jobId);
    if (known >= 0) {
      this.tell(known, event);
      return;
    }
    const free = this.slots.indexOf(undefined);
    const slot = free >= 0 ? free : this.slots.length;
    this.slots[slot] = jobId;
    // Whoever looks on from the middle sees it start there.
    const start = event.kind === 'population' ? event.resumedAt : event.step;
    this.tell(slot, { kind: 'population', replicas: event.replicas, steps: event.steps, resumedAt: start });
  }

  end(jobId: string): void {
    const slot = this.slots.indexOf(jobId);
    if (slot >= 0) this.slots[slot] = undefined;
  }
}
