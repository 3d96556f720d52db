/** How fast something has gone on since it started, or was resumed, here. */
export class Pace {
  private readonly start = performance.now();

  /** @param from where it started. */
  constructor(private readonly from = 0) {}

  perSecond(at: number): number {
    const seconds = (performance.now() - this.start) / 1000;
    return seconds > 0 ? (at - this.from) / seconds : 0;
  }

  /** Seconds until it is at `end`, at this pace; null while there is none. */
  secondsLeft(at: number, end: number): number | null {
    const rate = this.perSecond(at);
    return rate > 0 ? (end - at) / rate : null;
  }
}

/** `1:02:03`: hours, minutes, seconds; `-` for null. */
export function clockText(seconds: number | null): string {
  if (seconds === null) return '-';
  const whole = Math.ceil(seconds);
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
