import * as tf from '@tensorflow/tfjs';
import type { Budget, Calibrating, DataContext, Experiment, Settings } from '../experiments/experiment.js';
import { Population } from '../trainer/population.js';
import { settingsOf } from '../trainer/settings.js';
import type { Trial } from '../trials/trial.js';

/** What a short training says about a long one. */
export interface Calibration {
  /** Replicas that were trained in lockstep. */
  readonly replicas: number;
  /** Time that one trial takes of such a population's, tests included, in seconds; an upper estimate where costs grow. */
  readonly secondsPerTrial: number;
  /** The part of it that tests take. */
  readonly testSecondsPerTrial: number;
  /** Time until the first update: opening the data, drawing the first weights, in seconds; once for each population. */
  readonly startSeconds: number;
  /** Peak memory of an update, without data that all replicas share, in bytes. */
  readonly bytesPerReplica: number;
}

/** What was measured of a population. */
export interface Measured {
  readonly replicas: number;
  /** Updates that were timed, from number `first` on. */
  readonly first: number;
  readonly updates: number;
  /** Their time, of all replicas together, in seconds. */
  readonly seconds: number;
  /** Time of one test of all replicas together, in seconds. */
  readonly testSeconds: number;
}

/**
 * Trains some trials of equal structure for a few seconds, on the backend that is open, and extrapolates to their budget.
 * Stores nothing.
 * @param trials as many as would train in lockstep, or fewer: the more, the nearer the estimate.
 * @param seconds how long to train; one update and one test are made in any case.
 */
export async function calibrate(
  experiment: Experiment,
  trials: readonly Trial[],
  context: DataContext,
  seconds = 5,
): Promise<Calibration> {
  const scaled = trials.map((trial) => calibrating(experiment, trial));
  const start = performance.now();
  const data = await experiment.openData(settingsOf(experiment, scaled[0]!.description).data, context);
  const before = tf.memory().numBytes;
  const population = new Population(experiment, scaled, data);
  const startSeconds = (performance.now() - start) / 1000;
  try {
    const settings = settingsOf(experiment, trials[0]!.description);
    // Where updates differ, memory is what the largest one takes.
    population.step = heaviest(experiment.calibrating?.work(settingsOf(experiment, scaled[0]!.description)));
    const { peakBytes } = await tf.profile(() => population.update());
    const budget = experiment.budget(settings);
    const measured = await measure(population, seconds, budget.reportEvery);
    return {
      ...extrapolate(budget, measured, experiment.calibrating, settings),
      startSeconds,
      bytesPerReplica: (peakBytes - before) / trials.length,
    };
  } finally {
    population.dispose();
    data.dispose();
  }
}

/** Updates among which the largest is looked for. */
const LOOKED_AT = 1000;

/** The number of the first update that costs most. */
function heaviest(work: ((step: number) => number) | undefined): number {
  if (!work) return 0;
  const costs = Array.from({ length: LOOKED_AT }, (_, step) => work(step));
  return costs.indexOf(Math.max(...costs));
}

/** The trial as it is trained for calibration; its id stays, as nothing is stored. */
function calibrating(experiment: Experiment, trial: Trial): Trial {
  const settings = experiment.calibrating?.settings(settingsOf(experiment, trial.description));
  return { ...trial, description: { ...trial.description, ...settings } };
}

/** Seconds of training after which the device is read at the latest, so that the clock sees work that is done, not only asked for. */
const LOOK_SECONDS = 0.2;
/** A test that takes less than this, in seconds, is made twice: what is made once for all tests does not count for each. */
const SHORT_TEST_SECONDS = 1;

async function measure(population: Population, seconds: number, reportEvery: number): Promise<Measured> {
  const first = population.step;
  const since = (start: number) => (performance.now() - start) / 1000;
  const start = performance.now();
  let looked = start;
  do {
    population.update();
    if ((population.step - first) % reportEvery !== 0 && since(looked) < LOOK_SECONDS) continue;
    await population.report();
    looked = performance.now();
  } while (since(start) < seconds);
  await population.report();
  const measured = { seconds: since(start), first, updates: population.step - first };
  const test = async () => {
    const testStart = performance.now();
    await population.evaluate();
    return since(testStart);
  };
  const once = await test();
  const testSeconds = once < SHORT_TEST_SECONDS && seconds > 0 ? await test() : once;
  return { ...measured, testSeconds, replicas: population.trials.length };
}

/** The time of a trial from that of the updates and the test that were measured. */
export function extrapolate(
  budget: Budget,
  { replicas, first, seconds, updates, testSeconds }: Measured,
  calibrating: Calibrating<Settings> | undefined,
  settings: Settings,
): Omit<Calibration, 'bytesPerReplica' | 'startSeconds'> {
  const workOf = calibrating?.work(settings) ?? (() => 1);
  const work = (from: number, to: number) => {
    let sum = 0;
    for (let step = from; step < to; step++) sum += workOf(step);
    return sum;
  };
  const training = (seconds / work(first, first + updates)) * work(0, budget.steps);
  const tests = Math.ceil(budget.steps / budget.evaluateEvery);
  const testing = tests * testSeconds * (calibrating?.testWork(settings) ?? 1);
  return {
    replicas,
    secondsPerTrial: (training + testing) / replicas,
    testSecondsPerTrial: testing / replicas,
  };
}
