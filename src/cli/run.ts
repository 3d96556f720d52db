import { fileURLToPath } from 'node:url';
import type { BackendChoice, OpenBackend } from '../backends/index.js';
import type { DataContext } from '../experiments/experiment.js';
import type { Outcome } from '../results/record.js';
import { ResultStore } from '../results/store.js';
import { Done } from '../runner/done.js';
import { runWorkers, type WorkerEnd, type WorkerMessage } from '../runner/pool.js';
import { evenSize, populationSize } from '../runner/population-size.js';
import { structureOf } from '../runner/structure.js';
import type { SweepContext, SweepEvents } from '../runner/sweep.js';
import { settingsOf } from '../trainer/settings.js';
import { planPopulations } from '../trials/populations.js';
import type { Trial } from '../trials/trial.js';
import { UserError } from './errors.js';
import { type Planned, planRuns, type TrialOptions } from './planning.js';
import { type ProgressView, progressView, type Shown } from './progress.js';
import type { Streams } from './streams.js';

export interface RunOptions extends TrialOptions {
  readonly results: string;
  readonly backend: BackendChoice;
  /** Processes at once; null lets the backend decide. */
  readonly jobs: number | null;
  /** Most replicas in lockstep; null leaves it to config, memory and backend. */
  readonly population: number | null;
  readonly retryFailed: boolean;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly checkpointSeconds: number;
}

/** How a run ended, for the exit code. */
export interface RunSummary {
  readonly trials: number;
  readonly outcomes: { readonly [kind in Outcome['kind']]: number };
  /** Not stored at the end: interrupted, or in the hands of other runners. */
  readonly unfinished: number;
  readonly interrupted: boolean;
}

/** A worker process's part of the command line, and the moment before which failed trials count as to be tried again. */
export interface WorkerOrder {
  readonly retryFailedBefore: string | null;
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

/** Trains in this process. */
async function sweepHere(
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
    populationSize: (bytes, pending) =>
      sizeFor(backend, bytes, pending, jobs, options.population ?? config.population),
    checkpointSeconds: options.checkpointSeconds,
    retryFailedBefore: options.retryFailedBefore,
    signal,
    events,
  };
  await runSweep({ experiment: config.experiment, trials }, context);
}

/** Replicas in lockstep: what was asked for, or what memory and backend suggest, shared out among the processes. */
function sizeFor(
  backend: Pick<OpenBackend, 'name' | 'device' | 'deviceBytes'>,
  bytes: number,
  pending: number,
  jobs: number,
  asked: number | null,
): number {
  return asked ?? evenSize(pending, populationSize(backend, bytes, jobs), jobs);
}

const PROGRAM = fileURLToPath(new URL('../../bin/gnoise.js', import.meta.url));

async function sweepInWorkers(
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

type SlotEvents = SweepEvents & { onStart(replicas: number, steps: number, resumedAt: number): void };

/** Turns what populations tell into what is shown. */
class Board {
  private readonly shown = new Map<number, Shown>();

  constructor(
    readonly view: ProgressView,
    private readonly trials: number,
    private trialsDone: number,
  ) {}

  events(slot: number): SlotEvents {
    const onStart = (replicas: number, steps: number, step: number) => {
      const shown = {
        replicas,
        steps,
        step,
        loss: Number.NaN,
        trialsDone: this.trialsDone,
        trials: this.trials,
      };
      this.shown.set(slot, shown);
      this.view.start(slot, shown);
    };
    return {
      onStart,
      onPopulation: (trials, steps, resumedAt) => onStart(trials.length, steps, resumedAt),
      onProgress: ({ step, steps, replicas, loss }) => {
        const shown = { step, steps, replicas, loss, trialsDone: this.trialsDone, trials: this.trials };
        this.shown.set(slot, shown);
        this.view.update(slot, shown);
      },
      onTrial: (trial, outcome) => this.finished(labelOf(trial), outcome),
    };
  }

  finished(label: string, outcome: Outcome): void {
    this.trialsDone += 1;
    const detail = outcome.kind === 'failed' ? `: ${outcome.error.split('\n')[0]}` : '';
    this.view.line(`${label}: ${outcome.kind}${detail}`);
  }
}

function labelOf({ setting, arm, variation, description }: Trial): string {
  const point = Object.entries(variation).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return [`${setting} / ${arm}`, ...point, `seed ${description.seed}`].join(', ');
}

/** Every trial with what is stored of it, the populations that the rest would train in, and what that would take. */
async function dryRun(
  { config, trials }: Planned,
  store: ResultStore,
  options: RunOptions,
  data: DataContext,
): Promise<string> {
  const { experiment } = config;
  const { openBackend } = await import('../backends/index.js');
  const done = new Done(store, trials, null);
  await done.refresh();
  const pending = done.pending();
  const backend = await openBackend(options.backend);
  const jobs = options.jobs ?? backend.processes;
  const populations = planPopulations(
    pending,
    (trial) => structureOf(experiment, trial),
    (trial) => {
      const bytes = experiment.bytesPerReplica(settingsOf(trial.description));
      return sizeFor(backend, bytes, pending.length, jobs, options.population ?? config.population);
    },
  );
  const lines = trials.map((trial) => `${trial.id}  ${done.kindOf(trial.id) ?? 'to do'}  ${labelOf(trial)}`);
  const total =
    `${config.name} (${config.profile.name}): ${trials.length} trials, ${trials.length - pending.length} done, ` +
    `${pending.length} to do in ${populations.length} populations (${backend.name}, ${jobs} at once)`;
  const [first] = populations;
  if (first) lines.push(await estimate(config, first, pending.length, jobs, data));
  return `${[...lines, total].join('\n')}\n`;
}

/** Time and memory, from a few seconds of training in one process. */
async function estimate(
  { name, experiment }: Planned['config'],
  population: readonly Trial[],
  pending: number,
  jobs: number,
  data: DataContext,
): Promise<string> {
  const { calibrate } = await import('../runner/calibration.js');
  const { secondsPerTrial, bytesPerReplica, replicas } = await calibrate(experiment, population, data, 3);
  const hours = (secondsPerTrial * pending) / jobs / 3600;
  const time = hours < 1 ? `${Math.ceil(60 * hours)} min` : `${hours.toPrecision(3)} h`;
  const memory = `${((bytesPerReplica * replicas) / 1e6).toPrecision(3)} MB for ${replicas} in lockstep, beside the data`;
  return `${name}: about ${time} on this machine (${secondsPerTrial.toPrecision(3)} s per trial and process); ${memory}. Estimated from 3 seconds of the first population.`;
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
