import { z } from 'zod';
import { dataSets } from '../data/registry.js';
import { UserError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { hashJson, type Json } from '../json.js';
import { trialForm } from '../planning/foreign-trials.js';
import { parseOrder, type SweepOrder } from '../runner/order.js';
import type { Trial } from '../trials/trial.js';

/** What a job of the queue says: which trials train together. Descriptions only, never code. */
export interface PopulationJob {
  /** Version of the gnoise that planned it. */
  readonly gnoise: string;
  /** Of one config and profile, and of one structure: they can train in lockstep. */
  readonly trials: readonly Trial[];
  /** Of the published data that they train on; null where data is made by gnoise itself. */
  readonly dataChecksum: string | null;
  readonly checkpointSeconds: number;
}

const form = z.object({
  gnoise: z.unknown(),
  trials: z.array(trialForm).min(1).readonly(),
  dataChecksum: z.string().nullable(),
  checkpointSeconds: z.number().positive(),
});

/** The part of an order that the machine settles on which it is carried out. */
export type Local = Pick<SweepOrder, 'backend' | 'results' | 'dataFolders' | 'processes' | 'cards'>;

/**
 * An id that is the same whoever adds the job, so that adding it twice changes nothing. BullMQ refuses whole numbers, which
 * one hash in some thousand looks like.
 */
export function jobId(trials: readonly Pick<Trial, 'id'>[]): string {
  return `population-${hashJson(trials.map(({ id }) => id).sort())}`;
}

/** Checksum of the published data set that a trial trains on; null where its data is generated. */
export function dataChecksumOf({ description }: Trial): string | null {
  const { source } = description.data as { readonly source?: Json };
  const set = dataSets.find(({ name }) => name === source);
  return set ? hashJson(set.files.map(({ sha256 }) => sha256)) : null;
}

/**
 * What a worker is to do for a job from the queue, checked like any input.
 * @param done ids of trials whose results have been handed in already.
 * @throws UserError that says why this machine refuses it: another version, other data, another form.
 */
export function orderOf(data: unknown, local: Local, done: ReadonlySet<string>): SweepOrder {
  const parsed = form.safeParse(data);
  const job = parsed.success ? parsed.data : (data as PopulationJob);
  const order = parseOrder({
    gnoise: job?.gnoise,
    trials: job?.trials,
    checkpointSeconds: job?.checkpointSeconds,
    // A population is what the job says, whatever the memory of this machine.
    population: Array.isArray(job?.trials) ? Math.max(1, job.trials.length) : null,
    retryFailedBefore: null,
    keepWeights: false,
    ...local,
  });
  const own = dataChecksumOf(order.trials[0]!);
  if (!parsed.success || own !== parsed.data.dataChecksum)
    throw new UserError(
      `The job cannot be carried out: its data has the checksum ${excerpt(String(job.dataChecksum))}, and that which this gnoise knows has ${String(own)}.`,
    );
  return { ...order, trials: order.trials.filter(({ id }) => !done.has(id)) };
}
