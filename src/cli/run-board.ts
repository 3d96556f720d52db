import type { Outcome } from '../results/record.js';
import type { SweepEvents } from '../runner/sweep.js';
import type { Trial } from '../trials/trial.js';
import type { ProgressView } from './progress.js';

/** What one worker, or this process, tells. */
export type SlotEvents = SweepEvents & { onStart(replicas: number, steps: number, resumedAt: number): void };

/** Turns what populations tell into what is shown. */
export class Board {
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
      this.view.start(slot, shown);
    };
    return {
      onStart,
      onPopulation: (trials, steps, resumedAt) => onStart(trials.length, steps, resumedAt),
      onProgress: ({ step, steps, replicas, loss }) => {
        const shown = { step, steps, replicas, loss, trialsDone: this.trialsDone, trials: this.trials };
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

/** A trial in words. */
export function labelOf({ setting, arm, variation, description }: Trial): string {
  const point = Object.entries(variation).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return [`${setting} / ${arm}`, ...point, `seed ${description.seed}`].join(', ');
}
