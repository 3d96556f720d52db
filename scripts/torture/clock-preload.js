// Loaded before the product (`node --import`): shifts what it sees of the wall clock, and steps it while the process runs.
// TORTURE_CLOCK: `[[seconds of running, seconds of shift], ...]`.
const steps = JSON.parse(process.env.TORTURE_CLOCK ?? '[]');
const System = Date;

function now() {
  const running = process.uptime();
  const step = steps.findLast(([from]) => running >= from);
  return System.now() + (step ? step[1] * 1000 : 0);
}

globalThis.Date = class extends System {
  constructor(...args) {
    super(...(args.length === 0 ? [now()] : args));
  }

  static now() {
    return now();
  }
};
