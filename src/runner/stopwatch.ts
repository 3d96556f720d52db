/** Time trained, parts before an interruption included. */
export class Stopwatch {
  /** ISO 8601, when training was first started. */
  readonly startedAt: string;
  private readonly before: number;
  private readonly start = performance.now();

  /** @param interrupted what goes on: when it was started, and the seconds that it had trained. */
  constructor(interrupted: { readonly startedAt: string; readonly seconds: number } | null = null) {
    this.startedAt = interrupted?.startedAt ?? new Date().toISOString();
    this.before = interrupted?.seconds ?? 0;
  }

  get seconds(): number {
    return this.before + (performance.now() - this.start) / 1000;
  }
}
