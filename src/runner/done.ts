import type { Outcome } from '../results/record.js';
import type { ResultStore } from '../results/store.js';
import type { Trial } from '../trials/trial.js';

/** Which trials of a sweep have a stored result; reads every file once, however often it is asked. */
export class Done {
  private readonly kinds = new Map<string, Outcome['kind']>();

  /**
   * @param retryFailedBefore failed trials that finished before this moment (ISO 8601) count as not done.
   */
  constructor(
    private readonly store: ResultStore,
    private readonly trials: readonly Trial[],
    private readonly retryFailedBefore: string | null,
  ) {}

  /** Looks for results that are new since the last call. */
  async refresh(): Promise<void> {
    const unknown = this.trials.filter(({ id }) => !this.kinds.has(id));
    // A missing file answers fast; no listing of the folder is needed.
    await Promise.all(unknown.map((trial) => this.look(trial)));
  }

  isDone(id: string): boolean {
    return this.kinds.has(id);
  }

  kindOf(id: string): Outcome['kind'] | undefined {
    return this.kinds.get(id);
  }

  pending(): Trial[] {
    return this.trials.filter(({ id }) => !this.kinds.has(id));
  }

  count(kind: Outcome['kind']): number {
    return [...this.kinds.values()].filter((k) => k === kind).length;
  }

  private async look(trial: Trial): Promise<void> {
    const record = await this.store.readOne(trial);
    if (!record) return;
    const stale = this.retryFailedBefore !== null && record.provenance.finishedAt < this.retryFailedBefore;
    if (record.outcome.kind === 'failed' && stale) return;
    this.kinds.set(trial.id, record.outcome.kind);
  }
}
