import { availableParallelism } from 'node:os';

/** Kernels have work for a few at a time; more would wait for one another longer than they help. */
const MOST = 8;

/**
 * Threads of each of so many processes that train at once on this machine: as many as were asked for, or where that is 0
 * its share of the cores, at least one and at most eight.
 */
export function threadsOf(asked: number, processes: number, cores = availableParallelism()): number {
  return asked > 0 ? asked : Math.max(1, Math.min(MOST, Math.floor(cores / processes)));
}
