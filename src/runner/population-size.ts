import { freemem } from 'node:os';
import type { OpenBackend } from '../backends/index.js';

/**
 * Most replicas in lockstep by backend, where memory does not ask for fewer. Lockstep saves the overhead per operation;
 * on a processor it is spent after some sixteen replicas, and larger populations only leave the cache. A GPU wants many.
 */
const MOST = { wasm: 20, cpu: 4, tensorflow: 40, gpu: 2048 };

/** Share of the free memory that one process may plan with: allocators, evaluation and the data need the rest. */
const SHARE = 0.5;

/** WebAssembly's memory ends at 4 GiB and holds the data as well. */
const WASM_BYTES = 2 ** 31;

/**
 * Replicas to train in lockstep.
 * @param bytesPerReplica the experiment's estimate.
 * @param processes that share the device's memory.
 */
export function populationSize(
  { name, device, deviceBytes }: Pick<OpenBackend, 'name' | 'device' | 'deviceBytes'>,
  bytesPerReplica: number,
  processes: number,
): number {
  const most = device === 'gpu' ? MOST.gpu : MOST[name];
  const free = (SHARE * (deviceBytes ?? freemem())) / processes;
  const budget = Math.min(free, name === 'wasm' ? WASM_BYTES : Number.POSITIVE_INFINITY);
  return Math.max(1, Math.min(most, Math.floor(budget / bytesPerReplica)));
}

/** The largest size, at most `most`, that gives each of `processes` equally many populations out of `trials`. */
export function evenSize(trials: number, most: number, processes: number): number {
  const populations = Math.ceil(trials / (most * processes)) * processes;
  return Math.max(1, Math.ceil(trials / populations));
}
