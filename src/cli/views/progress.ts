import type { Output, Streams } from '../streams.js';
import { barLine } from './bar.js';
import { digits3 } from './digits.js';
import { LiveLines } from './live-lines.js';
import { clockText, Pace } from './pace.js';
import { canDraw, columnsOf, rowsOf } from './terminal.js';

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
  /** A line that stays and that nobody asked to be spared. */
  say(text: string): void;
  stop(): void;
}

/** Seconds between two plain lines of one population. */
const LOG_SECONDS = 30;
/** Milliseconds between two drawings of the bars. */
const DRAW_MS = 100;

export function progressView({ err }: Streams, quiet: boolean): ProgressView {
  if (quiet) return silence(err);
  return canDraw(err) ? bars(err) : log(err);
}

function silence(stream: Output): ProgressView {
  return { start() {}, update() {}, line() {}, say: (text) => void stream.write(`${text}\n`), stop() {} };
}

function bars(stream: Output): ProgressView {
  const lines = new LiveLines(stream);
  const slots = new Map<number, { shown: Shown; pace: Pace }>();
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = () => {
    drawnAt = performance.now();
    lines.draw(fitted(stream, slots));
  };
  const above = (text: string) => lines.above(text);
  return {
    start(slot, shown) {
      slots.set(slot, { shown, pace: new Pace(shown.step) });
      draw();
    },
    update(slot, shown) {
      const found = slots.get(slot);
      if (!found) return;
      slots.set(slot, { ...found, shown });
      if (performance.now() - drawnAt > DRAW_MS) draw();
    },
    line: above,
    say: above,
    stop() {
      if (slots.size > 0) draw();
      lines.end();
    },
  };
}

/** A line for each population, as many as the terminal has room for, and how many are left out. */
function fitted(stream: Output, slots: ReadonlyMap<number, { shown: Shown; pace: Pace }>): string[] {
  const width = columnsOf(stream) - 1;
  // A line above them stays in sight.
  const room = Math.max(1, rowsOf(stream) - 1);
  const all = [...slots].sort(([a], [b]) => a - b).map(([, each]) => each);
  const bar = ({ shown, pace }: (typeof all)[number]) => populationLine(shown, pace, width);
  if (all.length <= room) return all.map(bar);
  const rest = all.slice(room - 1);
  const longest = rest.map(({ shown: { step, steps }, pace }) => pace.secondsLeft(step, steps));
  const eta = longest.some((seconds) => seconds === null) ? null : Math.max(...(longest as number[]));
  return [
    ...all.slice(0, room - 1).map(bar),
    `and ${rest.length} more populations | ETA ${clockText(eta)}`.slice(0, width),
  ];
}

function populationLine(shown: Shown, pace: Pace, width: number): string {
  const { replicas, step, steps, trialsDone, trials } = shown;
  const { loss, rate, eta } = figuresOf(shown, pace);
  const parts = [
    { text: `${trialsDone}/${trials} trials`, dispensable: 2 },
    { text: `${replicas} in lockstep`, dispensable: 4 },
    { text: `step ${step}/${steps}`, dispensable: 1 },
    { text: `loss ${loss}`, dispensable: 3 },
    { text: `${rate} steps/s`, dispensable: 0 },
    { text: `ETA ${eta}`, dispensable: 0 },
  ];
  return barLine(steps > 0 ? Math.min(1, step / steps) : 1, parts, width);
}

function log(stream: Output): ProgressView {
  const slots = new Map<number, { pace: Pace; shownAt: number }>();
  const line = (text: string) => stream.write(`${new Date().toISOString().slice(0, 19)}Z ${text}\n`);
  return {
    start(slot, shown) {
      slots.set(slot, { pace: new Pace(shown.step), shownAt: performance.now() });
      const resumed = shown.step > 0 ? `, resumed at step ${shown.step}` : '';
      line(`population of ${shown.replicas} started, ${shown.steps} steps${resumed}`);
    },
    update(slot, shown) {
      const found = slots.get(slot);
      if (!found || performance.now() - found.shownAt < LOG_SECONDS * 1000) return;
      found.shownAt = performance.now();
      const { rate, loss, eta } = figuresOf(shown, found.pace);
      line(
        `step ${shown.step}/${shown.steps}, ${shown.replicas} in lockstep, loss ${loss}, ${rate} steps/s, ` +
          `ETA ${eta}, ${shown.trialsDone}/${shown.trials} trials done`,
      );
    },
    line,
    say: line,
    stop() {},
  };
}

function figuresOf({ step, steps, loss }: Shown, pace: Pace) {
  return {
    loss: loss?.toPrecision(4) ?? '-',
    rate: digits3(pace.perSecond(step)),
    eta: clockText(pace.secondsLeft(step, steps)),
  };
}
