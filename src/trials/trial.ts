import { z } from 'zod';
import { hashJson, type Json } from '../json.js';

const json: z.ZodType<Json> = z.json();
const jsonMap = z.record(z.string(), json).readonly();

const success = z
  .strictObject({ metric: z.string(), above: z.number().optional(), below: z.number().optional() })
  .readonly();

// Strict, since its id is checked: a key dropped here would change the hash.
const description = z
  .strictObject({
    experiment: z.string(),
    /** The experiment's own version: raised when its code changes in a way that moves results. */
    revision: z.int(),
    /** Resolved data section; says which data set was really used, e.g. synthetic digits instead of MNIST. */
    data: jsonMap,
    model: jsonMap,
    train: jsonMap,
    success,
    /** 0 is a seed like any other. At most 2^28 - 1 (see src/random/streams.ts). */
    seed: z.int().nonnegative(),
  })
  .readonly();

/** What a trial is made of, as it is stored; `Trial` says what it means. */
export const trialFields = {
  /** 16 hex digits: SHA-256 of the canonical JSON of `description`. */
  id: z.string(),
  /** Name of the config file without its ending, e.g. `mnist20`. */
  config: z.string(),
  profile: z.string(),
  /** Row block of the paper's table, e.g. `simple-clip-10`. */
  setting: z.string(),
  /** How it is trained, e.g. `with-noise`. */
  arm: z.string(),
  /** The grid point, by dotted path: trials of one setting and arm that differ here share a table row. */
  variation: jsonMap,
  description,
};

const trial = z.object(trialFields).readonly();

/** A section of a config, validated and complete. */
export type Section = z.infer<typeof jsonMap>;

/** A trial succeeds when `metric` at the end of training is above (or below) the stated level, both exclusive. */
export type SuccessCriterion = z.infer<typeof success>;

/**
 * Everything that can change what a trial comes to, and nothing else: a trial is a pure function of this value.
 * Labels (the names of its setting and arm) are not in it, so renaming an arm retrains nothing.
 */
export type TrialDescription = z.infer<typeof description>;

/** One training run, as planned: its description, and the labels under which tables list it. */
export type Trial = z.infer<typeof trial>;

/** The id of a description: equal descriptions have equal ids, whatever the order of their keys. */
export function trialId(description: TrialDescription): string {
  return hashJson(description);
}
