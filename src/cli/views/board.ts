import { printable } from '../../excerpt.js';
import type { Planned } from '../../planning/configs.js';
import type { Outcome } from '../../results/record.js';
import type { SweepEvent } from '../../runner/events.js';
import type { Trial } from '../../trials/trial.js';
import type { ProgressView, Shown } from './progress.js';
import { trialLabel } from './trial-label.js';

/** Turns what the sweeps of a run tell into what is shown. */
export class Board {
  /** The trials of the config whose turn it is, by id. */
  private trials: ReadonlyMap<string, Trial> = new Map();
  private done = 0;

  constructor(private readonly view: ProgressView) {}

  /** The turn has come to a config, of whose trials `done` are stored. */
  begin(planned: Planned, done: number): void {
    this.trials = new Map();
    this.done = 0;
    this.join(planned, done);
  }

  /** A config is trained beside those whose turn it is. */
  join({ config, trials }: Planned, done: number): void {
    this.add(trials, done, `${config.name} (${config.profile.name}): ${trials.length} trials, ${done} done`);
  }

  /** Further trials are trained, of which `done` are stored: says so in a line. */
  add(trials: readonly Trial[], done: number, line: string): void {
    this.trials = new Map([...this.trials, ...trials.map((trial) => [trial.id, trial] as const)]);
    this.done += done;
    this.view.line(printable(line));
  }

  /** @param slot the number of the process that tells it, from 0. */
  tell(slot: number, event: SweepEvent): void {
    switch (event.kind) {
      case 'population':
        this.view.start(slot, this.shown({ ...event, step: event.resumedAt, loss: null }));
        break;
      case 'progress':
        this.view.update(slot, this.shown(event));
        break;
      case 'trial':
        this.finish(event.id, event.outcome);
        break;
      case 'checkpoint':
        break;
      case 'notice':
        this.view.line(printable(event.text));
    }
  }

  private finish(id: string, outcome: Outcome): void {
    this.done += 1;
    const detail = outcome.kind === 'failed' ? `: ${printable(outcome.error.split('\n')[0]!)}` : '';
    this.view.line(`${trialLabel(this.trials.get(id)!)}: ${outcome.kind}${detail}`);
  }

  private shown({ replicas, step, steps, loss }: Pick<Shown, 'replicas' | 'step' | 'steps' | 'loss'>): Shown {
    return { replicas, step, steps, loss, trialsDone: this.done, trials: this.trials.size };
  }
}
