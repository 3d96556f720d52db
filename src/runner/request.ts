import type { BackendChoice } from '../backends/index.js';
import type { DataContext } from '../experiments/experiment.js';
import type { TrialRequest } from '../planning/request.js';

/** What to compute with and where data is looked for: the part of a request that all training shares. */
export interface TrainingRequest extends TrialRequest {
  readonly backend: BackendChoice;
  /** First match wins; downloads go into the first. */
  readonly dataFolders: readonly string[];
}

/** What `gnoise run` is asked for. A plain value, made of the command line once, at the door (src/cli/requests.ts). */
export interface RunRequest extends TrainingRequest {
  /** Folder of the results. */
  readonly results: string;
  /** Whether data that is not here may not be fetched. */
  readonly offline: boolean;
  /** Processes at once; null lets the backend decide. */
  readonly jobs: number | null;
  /** Most replicas in lockstep; null leaves it to config, memory and backend. */
  readonly population: number | null;
  readonly checkpointSeconds: number;
  /** Whether trials are trained again whose last attempt failed. */
  readonly retryFailed: boolean;
  /** Whether the trained weights of every trial are kept beside its record. */
  readonly keepWeights: boolean;
}

/** How whoever made a request follows the loading of data. */
export type DataReports = Pick<DataContext, 'notice' | 'report'>;
