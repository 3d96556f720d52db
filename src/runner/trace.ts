import { openBackend } from '../backends/index.js';
import { UserError } from '../errors.js';
import { type Planned, planConfigs } from '../planning/configs.js';
import type { Outcome } from '../results/record.js';
import { Population } from '../trainer/population.js';
import { settingsOf } from '../trainer/settings.js';
import { type Progress, train } from '../trainer/train.js';
import type { Trial } from '../trials/trial.js';
import type { DataReports, TrainingRequest } from './request.js';

/** Which trial is to be explained, and on what; of one config. */
export interface TraceRequest extends TrainingRequest {
  /** Which test example, from 0. */
  readonly example: number;
}

/** How a trace is followed and ended. */
export interface TraceSupervision {
  readonly data: DataReports;
  /** Aborted: there will be no trace. */
  readonly signal: AbortSignal;
  /** Training of this trial starts. */
  onStart(trial: Trial): void;
  onProgress(progress: Progress): void;
}

/**
 * What a trial's trained network does, as text for people; null when it was interrupted. Stored trials hold no weights: a
 * trial is a pure function of its description, so it is trained again, alone.
 * @throws UserError when not exactly one trial is meant, or there is nothing to show of it.
 */
export async function trace(request: TraceRequest, supervision: TraceSupervision): Promise<string | null> {
  const context = { ...supervision.data, folders: request.dataFolders, offline: false };
  const [{ config, trials }] = (await planConfigs(request, context)) as [Planned];
  const { experiment } = config;
  if (!experiment.explain) throw new UserError(`Experiment ${experiment.name} has nothing to trace.`);
  const [trial] = trials;
  if (!trial) throw new UserError(`No trial of ${config.file} is meant.`);
  if (trials.length > 1)
    throw new UserError(
      `${trials.length} trials of ${config.file} are meant; name one, e.g. the first with ${optionsFor(trials)}.`,
    );
  await openBackend(request.backend);
  const settings = settingsOf(experiment, trial.description);
  const data = await experiment.openData(settings.data, context);
  const population = new Population(experiment, [trial], data);
  try {
    supervision.onStart(trial);
    const budget = experiment.budget(settings);
    const outcome = await trainAlone(population, budget.steps, budget.reportEvery, supervision);
    if (outcome === null) return null;
    if (outcome.kind === 'diverged')
      throw new UserError(`The trial diverged before update ${outcome.step}: there is nothing to trace.`);
    return await experiment.explain(population.parameters, settings, data, request.example);
  } finally {
    population.dispose();
    data.dispose();
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

/** Trains a population of one trial to its end, whose parameters stay; null when it was interrupted. */
async function trainAlone(
  population: Population,
  steps: number,
  reportEvery: number,
  { signal, onProgress }: TraceSupervision,
): Promise<Outcome | null> {
  let outcome: Outcome | null = null;
  // Tests on the way change nothing and take time; the one at the end judges the trial.
  const budget = { steps, reportEvery, evaluateEvery: steps };
  await train(population, budget, {
    signal,
    onProgress,
    onFinished: (_, result) => {
      outcome = result.outcome;
    },
    onTurn: async () => {},
    wantsSnapshot: () => false,
    onSnapshot() {},
  });
  return outcome;
}
