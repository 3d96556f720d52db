import type { BackendChoice } from '../backends/index.js';
import type { TrialOptions } from '../planning/requests.js';

/** Options of `gnoise run`. */
export interface RunOptions extends TrialOptions {
  readonly results: string;
  readonly backend: BackendChoice;
  /** Processes at once; null lets the backend decide. */
  readonly jobs: number | null;
  /** Most replicas in lockstep; null leaves it to config, memory and backend. */
  readonly population: number | null;
  readonly retryFailed: boolean;
  readonly dryRun: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly checkpointSeconds: number;
}

/** A worker process's part of the command line, and the moment before which failed trials count as to be tried again. */
export interface WorkerOrder {
  readonly retryFailedBefore: string | null;
}
