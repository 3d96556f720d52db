import { availableParallelism } from 'node:os';
import { MAX_TRIALS } from '../config/limits.js';
import { bytesText, machineBytes, PROCESS_BYTES } from './room.js';

// The largest numbers that options may ask for. Each returns what is wrong, or undefined.

/** No machine of today has more cores, and a library that is asked for more threads than it can start ends the process. */
const MAX_THREADS = 1024;

/** What is wrong with so many processes at once on this machine. */
export function jobsProblem(jobs: number, bytes = machineBytes()): string | undefined {
  const most = Math.max(availableParallelism(), Math.floor(bytes / PROCESS_BYTES));
  if (jobs <= most) return undefined;
  return (
    `${jobs} processes would need ${bytesText(jobs * PROCESS_BYTES)} of memory before they train anything, ` +
    `and this machine has ${bytesText(bytes)} and ${availableParallelism()} cores; at most ${most} can be asked for.`
  );
}

/** What is wrong with a population of so many trials. */
export function populationProblem(population: number): string | undefined {
  return population <= MAX_TRIALS
    ? undefined
    : `No config has more than ${MAX_TRIALS} trials; ${population} cannot train in lockstep.`;
}

/** What is wrong with so many threads. */
export function threadsProblem(threads: number): string | undefined {
  return threads <= MAX_THREADS
    ? undefined
    : `At most ${MAX_THREADS} threads can be asked for, not ${threads}.`;
}
