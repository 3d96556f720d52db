import { z } from 'zod';
import { backendNames, deviceNames } from '../backends/names.js';
import { UserError } from '../errors.js';
import { experiments } from '../experiments/index.js';
import { faultOf, trialForm } from '../planning/foreign-trials.js';
import { ownVersion } from './version.js';

const form = z
  .strictObject({
    /** Version of the gnoise that gives the order. */
    gnoise: z.string(),
    /** Of one config and profile, in the order in which they are to be trained. */
    trials: z.array(trialForm).min(1).readonly(),
    backend: z.strictObject({
      backend: z.enum(['auto', ...backendNames]),
      device: z.enum(deviceNames),
      threads: z.int().nonnegative(),
      verbose: z.boolean(),
    }),
    /** Folder of the results. */
    results: z.string(),
    /** Where data is looked for; nothing is fetched any more. */
    dataFolders: z.array(z.string()).readonly(),
    /** Processes that train on this machine at once. */
    processes: z.int().positive(),
    /** GPUs that they are spread over; 0 where the processor computes. */
    cards: z.int().nonnegative(),
    /** Most replicas in lockstep; null leaves it to memory and backend. */
    population: z.int().positive().nullable(),
    checkpointSeconds: z.number().positive(),
    /** Failed trials that finished before this moment are trained again; null: none. */
    retryFailedBefore: z.iso.datetime().nullable(),
    keepWeights: z.boolean(),
  })
  .readonly();

/**
 * What a process is told to train, in full: plain JSON, so that it can travel over any channel. It holds descriptions of
 * trials and never code. Whoever takes one from elsewhere takes it through `parseOrder`.
 */
export type SweepOrder = z.infer<typeof form>;

/**
 * An order from another process, checked like any input: its version, its form, and that every trial is one that this
 * gnoise could have planned.
 * @throws UserError that says what is wrong with it.
 */
export function parseOrder(value: unknown): SweepOrder {
  const version = (value as { readonly gnoise?: unknown } | null)?.gnoise;
  // Before all else: what another version orders may well have another form.
  if (version !== ownVersion())
    throw refusal(`it comes from gnoise ${version}, and this is ${ownVersion()}; use one version`);
  const parsed = form.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw refusal(`${path.join('.')}: ${message}`);
  }
  const order = parsed.data;
  if (new Set(order.trials.map(({ config, profile }) => `${config}/${profile}`)).size > 1)
    throw refusal('its trials belong to several configs or profiles');
  const fault = faultOf(order.trials, experiments);
  if (fault !== null) throw refusal(fault);
  return order;
}

function refusal(reason: string): UserError {
  return new UserError(`The order to train cannot be carried out: ${reason}.`);
}
