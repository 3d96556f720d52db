import { setImmediate } from 'node:timers/promises';
import type { Budget, Metrics } from '../experiments/experiment.js';
import type { CurvePoint, Outcome } from '../results/record.js';
import type { SuccessCriterion, Trial } from '../trials/trial.js';
import type { Population, Report, Snapshot } from './population.js';

/** What a trial came to. */
export interface TrialResult {
  readonly outcome: Outcome;
  readonly metrics: Metrics;
  readonly curve: readonly CurvePoint[];
}

/** A population's progress at a report. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  /** Replicas still in training. */
  readonly replicas: number;
  /** Mean training loss of the replicas that are still finite. */
  readonly loss: number;
}

/** What the trainer tells and asks while it works. */
export interface TrainingHooks {
  onProgress(progress: Progress): void;
  /** A trial ended; it is dropped from the population after this returns. */
  onFinished(trial: Trial, result: TrialResult): void | Promise<void>;
  /** Called some times a second, between two updates. */
  onTurn(): Promise<void>;
  /** Asked at every turn: whether to store a snapshot now. */
  wantsSnapshot(): boolean;
  onSnapshot(snapshot: Snapshot): void | Promise<void>;
  /** Aborted by Ctrl-C: training stops at once, with a snapshot. */
  readonly signal: AbortSignal;
}

/** Milliseconds of training after which the event loop gets a turn, for signals and timers. */
const TURN_MS = 100;

/**
 * Trains a population to the end of its budget, or until `signal` is aborted; then it stores a last snapshot.
 * @returns whether every trial finished.
 */
export async function train(population: Population, budget: Budget, hooks: TrainingHooks): Promise<boolean> {
  let turn = performance.now();
  while (population.trials.length > 0) {
    population.update();
    if (population.step === budget.steps || population.step % budget.reportEvery === 0)
      await reportAndPrune(population, budget, hooks);
    if (performance.now() - turn < TURN_MS || population.trials.length === 0) continue;
    await setImmediate();
    await hooks.onTurn();
    if (hooks.signal.aborted || hooks.wantsSnapshot()) await hooks.onSnapshot(await population.save());
    if (hooks.signal.aborted) return false;
    turn = performance.now();
  }
  return true;
}

async function reportAndPrune(population: Population, budget: Budget, hooks: TrainingHooks): Promise<void> {
  const { step } = population;
  const last = step === budget.steps;
  const reports = await population.report();
  const isEvaluated = last || step % budget.evaluateEvery === 0;
  const metrics = isEvaluated ? await population.evaluate() : null;
  // After the last update there is no next one whose gradient it would be.
  const gradients = isEvaluated && !last ? await population.gradients() : null;
  const staying: number[] = [];
  for (const [r, report] of reports.entries()) {
    const curve = population.curves[r]!;
    if (metrics && report.finite) {
      const gradient = gradients === null ? {} : { gradient: gradients[r]! };
      curve.push({ step, loss: report.loss, metrics: metrics[r]!, ...gradient });
    }
    if (!report.finite)
      await hooks.onFinished(report.trial, { ...closing(curve), outcome: { kind: 'diverged', step } });
    else if (last) await hooks.onFinished(report.trial, judged(report.trial, curve));
    else staying.push(r);
  }
  population.keep(staying);
  hooks.onProgress({ step, steps: budget.steps, replicas: staying.length, loss: meanLoss(reports) });
}

function judged(trial: Trial, curve: readonly CurvePoint[]): TrialResult {
  const result = closing(curve);
  const kind = succeeds(result.metrics, trial.description.success) ? 'succeeded' : 'missed';
  return { ...result, outcome: { kind } };
}

function closing(curve: readonly CurvePoint[]): Omit<TrialResult, 'outcome'> {
  return { metrics: curve.at(-1)?.metrics ?? {}, curve };
}

/** Whether the figures meet the criterion; a missing or NaN figure never does. */
export function succeeds(metrics: Metrics, { metric, above, below }: SuccessCriterion): boolean {
  const value = metrics[metric] ?? Number.NaN;
  return (
    (above === undefined || value > above) && (below === undefined || value < below) && !Number.isNaN(value)
  );
}

function meanLoss(reports: readonly Report[]): number {
  const losses = reports.filter(({ finite }) => finite).map(({ loss }) => loss);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
