import { mkdtempSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { draw } from './draw.js';
import { faultsOf, send, start, workersOf } from './product.js';
import { recordsIn, reference, settle } from './records.js';
import { long, runOf } from './samples.js';

const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGSTOP'];

const blow = fc.record({
  signal: fc.constantFrom(...SIGNALS),
  target: fc.constantFrom('parent', 'worker', 'both'),
  /** In undisturbed runs of the sample: its start is a part of it; the last updates come after other kills. */
  after: fc.double({ min: 0.1, max: 0.6, noNaN: true }),
  /** Milliseconds until a stopped process goes on. */
  pause: fc.integer({ min: 10, max: 2000 }),
});

const runner = fc.record({
  jobs: fc.integer({ min: 1, max: 2 }),
  population: fc.integer({ min: 1, max: 4 }),
  blows: fc.array(blow, { minLength: 1, maxLength: 3 }),
});

const plan = fc.record({
  sample: fc.constantFrom(...Object.keys(long)),
  /**
   * One after another, as long as there is something to train; the runners of each share the results folder at once. There are
   * many, since the run to the end that follows them costs as much as a kill.
   */
  attempts: fc.array(fc.array(runner, { minLength: 1, maxLength: 3 }), { minLength: 3, maxLength: 10 }),
});

/** Signals at random moments to parents, workers or both, then a run to the end. */
export async function round(seed, number, { scratch }) {
  const { sample, attempts } = draw(plan, seed, 'kills', number);
  const { seconds, records } = await reference(sample, scratch);
  const results = mkdtempSync(join(scratch, 'kills '));
  const logs = [];
  const found = [];
  let kills = 0;
  for (const runners of attempts) {
    if (recordsIn(results).size === records.size) break;
    const runs = await Promise.all(runners.map((each) => disturbed(sample, results, each, seconds)));
    for (const run of runs) {
      kills += run.kills;
      logs.push(run.err);
      found.push(...run.found);
    }
  }
  found.push(...(await settle(sample, results, scratch, logs)));
  return { counts: { kills }, found: found.map((what) => `${sample}: ${what}`) };
}

async function disturbed(sample, results, { jobs, population, blows }, seconds) {
  const options = ['--jobs', `${jobs}`, '--population', `${population}`, '--checkpoint-every', '1'];
  const { child, ended } = start(runOf(sample, results, ...options));
  let isOver = false;
  const end = ended.then((run) => {
    isOver = true;
    return run;
  });
  const begun = performance.now();
  const landed = [];
  for (const { signal, target, after, pause } of blows.toSorted((a, b) => a.after - b.after)) {
    await Promise.race([sleep(begun + after * seconds * 1000 - performance.now()), end]);
    if (isOver) break;
    if (await strike(child, signal, target, pause)) landed.push(signal);
  }
  const run = await end;
  // A worker that was killed is told with 1; a request to end has its number in the code, or came too late.
  const codes = landed.map((signal) => 128 + constants.signals[signal]);
  const found = faultsOf(run, { allowed: [0, 1, 3, ...codes], signals: landed, readable: false });
  return { kills: landed.length, err: run.err, found };
}

/** @returns whether there was a process to send it to. */
async function strike(parent, signal, target, pause) {
  // Once it has been waited for, its number may be another's.
  if (parent.exitCode !== null || parent.signalCode !== null) return false;
  const workers = workersOf(parent.pid);
  const pids = { parent: [parent.pid], worker: workers.slice(0, 1), both: [parent.pid, ...workers] }[target];
  const hit = pids.filter((pid) => send(pid, signal));
  if (signal === 'SIGSTOP') {
    await sleep(pause);
    for (const pid of hit) send(pid, 'SIGCONT');
  }
  return hit.length > 0;
}
