import type { SweepEvent } from '../../runner/events.js';
import type { Trial } from '../../trials/trial.js';
import { Board } from './board.js';
import type { ProgressView } from './progress.js';

/** Turns what the trainings of a queue's worker tell into what is shown: each counts its own population. */
export class WorkBoard {
  private readonly boards = new Map<number, Board>();

  constructor(private readonly view: ProgressView) {}

  /** A population of these trials was taken, to be trained in process `slot` (from 0). */
  begin(slot: number, trials: readonly Trial[]): void {
    const board = new Board(this.view);
    const { config, profile } = trials[0]!;
    board.add(trials, 0, `${config} (${profile}): took ${trials.length} trials`);
    this.boards.set(slot, board);
  }

  tell(slot: number, event: SweepEvent): void {
    this.boards.get(slot)?.tell(slot, event);
  }
}
