import { setImmediate } from 'node:timers/promises';
import { type BackendChoice, openBackend } from '../backends/index.js';
import { UserError } from '../errors.js';
import type { DataContext, Experiment, OpenData } from '../experiments/experiment.js';
import { planRuns, type TrialOptions } from '../planning/requests.js';
import { Population } from '../trainer/population.js';
import { settingsOf } from '../trainer/settings.js';
import type { Trial } from '../trials/trial.js';
import type { Streams } from './streams.js';

export interface TraceOptions extends TrialOptions {
  readonly backend: BackendChoice;
  /** Which test example, from 0. */
  readonly example: number;
}

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 5000;

/**
 * `gnoise trace <config> --setting ... --arm ... --seed ...`: what a trial's trained network does, step by step. Stored
 * trials hold no weights: a trial is a pure function of its description, so it is trained again, alone.
 * @throws UserError when not exactly one trial is meant, or its experiment has nothing to show.
 */
export async function traceCommand(
  file: string,
  options: TraceOptions,
  context: DataContext,
  { out, err }: Streams,
  signal: AbortSignal,
): Promise<void> {
  const [{ config, trials } = noPlan()] = await planRuns([file], options, context);
  const { experiment } = config;
  if (!experiment.explain) throw new UserError(`Experiment ${experiment.name} has nothing to trace.`);
  const [trial] = trials;
  if (!trial || trials.length > 1)
    throw new UserError(
      `${trials.length} trials of ${file} are meant; name one with --setting, --arm and --seed.`,
    );
  await openBackend(options.backend);
  const settings = settingsOf(experiment, trial.description);
  const data = await experiment.openData(settings.data, context);
  const population = new Population(experiment, [trial], data);
  try {
    err.write(`Training seed ${trial.description.seed} of ${trial.setting}, ${trial.arm}, again ...\n`);
    if (!(await trainToEnd(population, experiment, trial, err, signal))) return;
    out.write(`${await experiment.explain(population.parameters, settings, data, options.example)}\n`);
  } finally {
    population.dispose();
    (data as OpenData).dispose();
  }
}

/** Returns whether it got there: not so when it is interrupted. */
async function trainToEnd(
  population: Population,
  experiment: Experiment,
  trial: Trial,
  err: Streams['err'],
  signal: AbortSignal,
): Promise<boolean> {
  const { steps, reportEvery } = experiment.budget(settingsOf(experiment, trial.description));
  let shown = performance.now();
  while (population.step < steps && !signal.aborted) {
    population.update();
    if (population.step % reportEvery !== 0 && population.step < steps) continue;
    const [report] = await population.report();
    if (!report!.finite)
      throw new UserError(`The trial diverged before update ${population.step}: there is nothing to trace.`);
    await setImmediate();
    if (performance.now() - shown < PROGRESS_MS) continue;
    err.write(`update ${population.step} of ${steps}, loss ${report!.loss.toPrecision(3)}\n`);
    shown = performance.now();
  }
  return population.step === steps;
}

function noPlan(): never {
  throw new Error('A config without a plan.');
}
