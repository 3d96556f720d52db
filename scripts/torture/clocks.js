import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { draw } from './draw.js';
import { faultsOf, send, start } from './product.js';
import { reference, settle } from './records.js';
import { runOf, samples } from './samples.js';

const PRELOAD = new URL('./clock-preload.js', import.meta.url).href;
const YEAR = 365 * 86_400;

/** Seconds by which a clock is wrong: seconds, minutes (around the age at which a claim is old), or years. */
const shift = fc.oneof(
  fc.integer({ min: -10, max: 10 }),
  fc.integer({ min: -600, max: 600 }),
  fc.integer({ min: -30 * YEAR, max: 30 * YEAR }),
);

const runner = fc.record({
  jobs: fc.integer({ min: 1, max: 2 }),
  population: fc.integer({ min: 1, max: 4 }),
  atFirst: shift,
  steps: fc.array(fc.tuple(fc.double({ min: 0.2, max: 8, noNaN: true }), shift), { maxLength: 4 }),
  /** In undisturbed runs of the sample, as in kills.js. */
  killedAfter: fc.option(fc.double({ min: 0.2, max: 1.2, noNaN: true })),
});

const plan = fc.record({
  sample: fc.constantFrom(...Object.keys(samples)),
  runners: fc.array(runner, { minLength: 2, maxLength: 3 }),
});

/** Runners whose clocks are wrong by up to 30 years, each in its own way, and step while they train. */
export async function round(seed, number, { scratch }) {
  const { sample, runners } = draw(plan, seed, 'clocks', number);
  const { seconds } = await reference(sample, scratch);
  const results = mkdtempSync(join(scratch, 'clocks '));
  const runs = await Promise.all(runners.map((each) => shifted(sample, results, each, seconds)));
  const found = runs.flatMap((run) => run.found);
  const logs = runs.map((run) => run.err);
  found.push(...(await settle(sample, results, scratch, logs)));
  const steps = runners.reduce((sum, each) => sum + 1 + each.steps.length, 0);
  return { counts: { 'clock steps': steps }, found: found.map((what) => `${sample}: ${what}`) };
}

async function shifted(sample, results, { jobs, population, atFirst, steps, killedAfter }, seconds) {
  const clock = [[0, atFirst], ...steps.toSorted((a, b) => a[0] - b[0])];
  const env = { NODE_OPTIONS: `--import=${PRELOAD}`, TORTURE_CLOCK: JSON.stringify(clock) };
  const options = ['--jobs', `${jobs}`, '--population', `${population}`, '--checkpoint-every', '1'];
  const { child, ended } = start(runOf(sample, results, ...options), { env });
  if (killedAfter !== null) {
    await Promise.race([sleep(killedAfter * seconds * 1000), ended]);
    if (child.exitCode === null) send(child.pid, 'SIGKILL');
  }
  const run = await ended;
  const signals = killedAfter === null ? [] : ['SIGKILL'];
  return { err: run.err, found: faultsOf(run, { allowed: [0, 3], signals }) };
}
