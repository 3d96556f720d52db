import * as tf from '@tensorflow/tfjs';
import { openBackend } from '../backends/index.js';
import { UserError } from '../errors.js';
import type {
  Examples,
  Experiment,
  Explanation,
  OpenData,
  ParameterSpec,
  Settings,
} from '../experiments/experiment.js';
import { type Planned, planConfigs } from '../planning/configs.js';
import type { FloatTensor } from '../results/safetensors.js';
import { ResultStore } from '../results/store.js';
import { WeightStore, type Weights } from '../results/weights.js';
import { Population } from '../trainer/population.js';
import { settingsOf } from '../trainer/settings.js';
import { type Progress, train } from '../trainer/train.js';
import type { Trial } from '../trials/trial.js';
import type { DataReports, TrainingRequest } from './request.js';
import { ownVersion } from './version.js';

/** Which trial is to be explained, and on what; of one config. */
export interface TraceRequest extends TrainingRequest {
  readonly examples: Examples;
  /** Folder of the results, where weights may be kept. */
  readonly results: string;
  /** Whether the weights are kept should the trial have to be trained. */
  readonly keepWeights: boolean;
}

/** How a trace is followed and ended. */
export interface TraceSupervision {
  readonly data: DataReports;
  /** Aborted: there will be no trace. */
  readonly signal: AbortSignal;
  /** The trial's weights were found in this file. */
  onKept(file: string): void;
  /** Training of this trial starts. */
  onStart(trial: Trial): void;
  onProgress(progress: Progress): void;
}

/** What a trial's network does. */
export interface Trace {
  readonly trial: Trial;
  /** The file of its weights; null where none are kept. */
  readonly weights: string | null;
  readonly explanation: Explanation;
}

/** A trial with what it trains on. */
interface Opened {
  readonly trial: Trial;
  readonly experiment: Experiment;
  readonly settings: Settings;
  readonly data: OpenData;
}

/**
 * What a trial's trained network does; null when it was interrupted. Where its weights are not kept, the trial is trained
 * again, alone: it is a pure function of its description.
 * @throws UserError when not exactly one trial is meant, or there is nothing to show of it.
 */
export async function trace(request: TraceRequest, supervision: TraceSupervision): Promise<Trace | null> {
  const context = { ...supervision.data, folders: request.dataFolders, offline: false };
  const [planned] = (await planConfigs(request, context)) as [Planned];
  const { experiment } = planned.config;
  const trial = onlyTrialOf(planned);
  const store = new WeightStore(new ResultStore(request.results));
  const kept = await keptWeights(store, trial);
  await openBackend(request.backend);
  const settings = settingsOf(experiment, trial.description);
  const data = await experiment.openData(settings.data, context);
  const opened = { trial, experiment, settings, data };
  try {
    if (kept) supervision.onKept(store.path(trial));
    const weights = kept ?? (await trainAlone(opened, supervision));
    if (weights === null) return null;
    const misfit = misfitOf(weights.tensors, parametersOf(opened));
    if (misfit !== null) throw unusable(store.path(trial), misfit);
    if (!kept && request.keepWeights) await store.write(trial, weights, ownVersion());
    return {
      trial,
      weights: kept || request.keepWeights ? store.path(trial) : null,
      explanation: await explain(opened, weights, request.examples),
    };
  } finally {
    data.dispose();
  }
}

/** @throws UserError when not exactly one is meant. */
function onlyTrialOf({ config, trials }: Planned): Trial {
  const [trial] = trials;
  if (!trial) throw new UserError(`No trial of ${config.file} is meant.`);
  if (trials.length > 1)
    throw new UserError(
      `${trials.length} trials of ${config.file} are meant; name one, e.g. the first with ${optionsFor(trials)}.`,
    );
  return trial;
}

async function keptWeights(store: WeightStore, trial: Trial): Promise<Weights | null> {
  const read = await store.read(trial);
  if (read === null) return null;
  if ('reason' in read) throw unusable(store.path(trial), read.reason);
  return read.weights;
}

function unusable(file: string, reason: string): UserError {
  return new UserError(
    `The weights in ${file} cannot be used: ${reason}. Put the right file there, or move this one away: ` +
      'then the trial is trained again.',
  );
}

/** What keeps tensors from being those parameters; null when nothing does. */
function misfitOf(tensors: readonly FloatTensor[], specs: readonly ParameterSpec[]): string | null {
  const listed = (each: readonly ParameterSpec[]) => each.map(({ name, shape }) => `${name} [${shape}]`);
  const [found, expected] = [listed(tensors), listed(specs)];
  const missing = expected.find((text, i) => text !== found[i]);
  if (missing !== undefined) return `it has no tensor ${missing} at its place`;
  return found.length > expected.length ? `it has ${found.length} tensors, not ${expected.length}` : null;
}

function parametersOf({ trial, experiment, settings, data }: Opened): readonly ParameterSpec[] {
  const program = experiment.program([{ seed: trial.description.seed, settings }], data);
  program.dispose();
  return program.parameters;
}

async function explain(
  { experiment, settings, data }: Opened,
  { tensors, state }: Weights,
  examples: Examples,
): Promise<Explanation> {
  const parameters = tensors.map(({ shape, data }) => tf.tensor(data, [1, ...shape]));
  try {
    return await experiment.explain({ parameters, state }, settings, data, examples);
  } finally {
    tf.dispose(parameters);
  }
}

/** Options that leave the first of the trials: each names what the trials differ in. */
function optionsFor(trials: readonly Trial[]): string {
  const [{ setting, arm, description, variation }] = trials as [Trial];
  const differ = (value: (trial: Trial) => unknown) =>
    new Set(trials.map((trial) => JSON.stringify(value(trial)))).size > 1;
  const points = Object.entries(variation).filter(([path]) => differ((trial) => trial.variation[path]));
  return [
    ...(differ((trial) => trial.setting) ? [`--setting ${setting}`] : []),
    ...(differ((trial) => trial.arm) ? [`--arm ${arm}`] : []),
    ...(differ((trial) => trial.description.seed) ? [`--seed ${description.seed}`] : []),
    ...points.map(([path, value]) => `--set ${path}=${JSON.stringify(value)}`),
  ].join(' ');
}

/**
 * The weights that a trial comes to, trained by itself; null when it was interrupted.
 * @throws UserError when it diverges.
 */
async function trainAlone(
  { trial, experiment, settings, data }: Opened,
  { signal, onStart, onProgress }: TraceSupervision,
): Promise<Weights | null> {
  const population = new Population(experiment, [trial], data);
  const { steps, reportEvery } = experiment.budget(settings);
  let weights: Weights | null = null;
  onStart(trial);
  try {
    // Tests on the way change nothing and take time; the one at the end judges the trial.
    const budget = { steps, reportEvery, evaluateEvery: steps };
    await train(population, budget, {
      signal,
      onProgress,
      async onFinished(_, { outcome }) {
        if (outcome.kind === 'diverged')
          throw new UserError(`The trial diverged before update ${outcome.step}: there is nothing to trace.`);
        weights = await population.weightsOf(trial);
      },
      onTurn: async () => {},
      wantsSnapshot: () => false,
      onSnapshot() {},
    });
    return weights;
  } finally {
    population.dispose();
  }
}
