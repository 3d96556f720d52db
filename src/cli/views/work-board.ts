import type { SweepEvent } from '../../runner/events.js';
import type { Trial } from '../../trials/trial.js';
import type { ProgressView } from './progress.js';
import { trialLabel } from './trial-label.js';

/** Turns what the trainings of a queue's worker tell into what is shown. */
export class WorkBoard {
  /** The trials in training, by slot and id. */
  private readonly populations = new Map<number, Map<string, Trial>>();
  private readonly done = new Map<number, number>();

  constructor(private readonly view: ProgressView) {}

  /** A population of these trials was taken. */
  begin(slot: number, trials: readonly Trial[]): void {
    this.populations.set(slot, new Map(trials.map((trial) => [trial.id, trial])));
    this.done.set(slot, 0);
    const { config, profile } = trials[0]!;
    this.view.line(`${config} (${profile}): took ${trials.length} trials`);
  }

  tell(slot: number, event: SweepEvent): void {
    const trials = this.populations.get(slot)!;
    const counts = { trials: trials.size, trialsDone: this.done.get(slot)! };
    switch (event.kind) {
      case 'population':
        this.view.start(slot, { ...event, step: event.resumedAt, loss: null, ...counts });
        break;
      case 'progress':
        this.view.update(slot, { ...event, ...counts });
        break;
      case 'trial':
        this.done.set(slot, counts.trialsDone + 1);
        this.view.line(`${trialLabel(trials.get(event.id)!)}: ${event.outcome.kind}`);
        break;
      case 'checkpoint':
        break;
      case 'notice':
        this.view.line(event.text);
    }
  }
}
