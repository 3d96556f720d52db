import cliProgress from 'cli-progress';
import type { Output, Streams } from '../streams.js';
import { drawsBars } from './terminal.js';

/** One population in training, as shown. */
export interface Shown {
  readonly replicas: number;
  readonly step: number;
  readonly steps: number;
  /** Null where there is none (yet). */
  readonly loss: number | null;
  readonly trialsDone: number;
  readonly trials: number;
}

/** Shows how populations get on: a bar for each on a terminal, a dated line now and then in a log, or nothing. */
export interface ProgressView {
  /** A population (of worker `slot`) started, perhaps from a checkpoint at `step`. */
  start(slot: number, shown: Shown): void;
  update(slot: number, shown: Shown): void;
  /** A line that stays, e.g. a finished trial or a notice. */
  line(text: string): void;
  stop(): void;
}

/** Seconds between two plain lines of one population. */
const LOG_SECONDS = 30;

export function progressView({ err }: Streams, quiet: boolean): ProgressView {
  if (quiet) return { start() {}, update() {}, line() {}, stop() {} };
  return drawsBars(err) ? bars(err) : log(err);
}

const BAR =
  '{bar} {percentage}% | {trialsDone}/{trials} trials | {replicas} in lockstep | step {value}/{total} | loss {loss} | {rate} steps/s | ETA {eta_formatted}';

function bars(stream: Output): ProgressView {
  const options = { stream, format: BAR, hideCursor: true, barsize: 20, etaBuffer: 20 };
  const multi = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
  const slots = new Map<number, { bar: cliProgress.SingleBar; speed: Speed }>();
  return {
    start(slot, shown) {
      const old = slots.get(slot);
      if (old) multi.remove(old.bar);
      const speed = new Speed(shown.step);
      slots.set(slot, { bar: multi.create(shown.steps, shown.step, payload(shown, speed)), speed });
    },
    update(slot, shown) {
      const found = slots.get(slot);
      found?.bar.update(shown.step, payload(shown, found.speed));
    },
    line: (text) => multi.log(`${text}\n`),
    stop: () => multi.stop(),
  };
}

function log(stream: Output): ProgressView {
  const slots = new Map<number, { speed: Speed; shownAt: number }>();
  const line = (text: string) => stream.write(`${new Date().toISOString().slice(0, 19)}Z ${text}\n`);
  return {
    start(slot, shown) {
      slots.set(slot, { speed: new Speed(shown.step), shownAt: performance.now() });
      const resumed = shown.step > 0 ? `, resumed at step ${shown.step}` : '';
      line(`population of ${shown.replicas} started, ${shown.steps} steps${resumed}`);
    },
    update(slot, shown) {
      const found = slots.get(slot);
      if (!found || performance.now() - found.shownAt < LOG_SECONDS * 1000) return;
      found.shownAt = performance.now();
      const { rate, loss, eta } = { ...payload(shown, found.speed), eta: found.speed.eta(shown) };
      line(
        `step ${shown.step}/${shown.steps}, ${shown.replicas} in lockstep, loss ${loss}, ${rate} steps/s, ` +
          `ETA ${eta}, ${shown.trialsDone}/${shown.trials} trials done`,
      );
    },
    line,
    stop() {},
  };
}

function payload(shown: Shown, speed: Speed) {
  return {
    trialsDone: shown.trialsDone,
    trials: shown.trials,
    replicas: shown.replicas,
    loss: shown.loss?.toPrecision(4) ?? '-',
    rate: speed.perSecond(shown.step).toPrecision(3),
  };
}

/** Steps per second since a population started or was resumed here. */
class Speed {
  private readonly start = performance.now();

  constructor(private readonly from: number) {}

  perSecond(step: number): number {
    const seconds = (performance.now() - this.start) / 1000;
    return seconds > 0 ? (step - this.from) / seconds : 0;
  }

  eta({ step, steps }: Shown): string {
    const rate = this.perSecond(step);
    if (rate === 0) return '-';
    const seconds = Math.round((steps - step) / rate);
    const pad = (n: number) => String(n).padStart(2, '0');
    return `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  }
}
