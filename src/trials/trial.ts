import { hashJson, type Json } from '../json.js';

/**
 * Everything that can change what a trial comes to, and nothing else: a trial is a pure function of this value.
 * Labels (the names of its setting and arm) are not in it, so renaming an arm retrains nothing.
 */
export interface TrialDescription {
  readonly experiment: string;
  /** The experiment's own version: raised when its code changes in a way that moves results. */
  readonly revision: number;
  /** Resolved data section; says which data set was really used, e.g. synthetic digits instead of MNIST. */
  readonly data: { readonly [key: string]: Json };
  readonly model: { readonly [key: string]: Json };
  readonly train: { readonly [key: string]: Json };
  readonly success: SuccessCriterion;
  /** 0 is a seed like any other. At most 2^28 - 1 (see src/random/streams.ts). */
  readonly seed: number;
}

/** A trial succeeds when `metric` at the end of training is above (or below) the stated level, both exclusive. */
export interface SuccessCriterion {
  readonly metric: string;
  readonly above?: number;
  readonly below?: number;
  readonly [key: string]: Json | undefined;
}

/** One training run, as planned: its description, and the labels under which tables list it. */
export interface Trial {
  /** 16 hex digits: SHA-256 of the canonical JSON of `description`. */
  readonly id: string;
  /** Name of the config file without its ending, e.g. `mnist20`. */
  readonly config: string;
  readonly profile: string;
  /** Row block of the paper's table, e.g. `simple-clip-10`. */
  readonly setting: string;
  /** How it is trained, e.g. `with-noise`. */
  readonly arm: string;
  /** The grid point, by dotted path: trials of one setting and arm that differ here share a table row. */
  readonly variation: { readonly [path: string]: Json };
  readonly description: TrialDescription;
}

/** The id of a description: equal descriptions have equal ids, whatever the order of their keys. */
export function trialId(description: TrialDescription): string {
  return hashJson(description as unknown as Json);
}
