import type { BackendChoice } from '../backends/index.js';
import type { Overrides } from '../config/load.js';
import type { Selection } from '../trials/select.js';

/** Which trials are meant. A plain value, made of the command line once, at the door (src/cli/requests.ts). */
export interface TrialRequest {
  /** Config files. */
  readonly files: readonly string[];
  /** What is laid over each of them. */
  readonly overrides: Overrides;
  /** Which of their trials are picked. */
  readonly selection: Selection;
}

/** The same where they are to be trained, with what says how many at once. */
export interface TrainedTrials extends TrialRequest {
  readonly backend: BackendChoice;
  /** Processes at once; null, or left out, lets the backend decide. */
  readonly jobs?: number | null;
  /** Most replicas in lockstep; null, or left out, leaves it to config, memory and backend. */
  readonly population?: number | null;
}
