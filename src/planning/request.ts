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
