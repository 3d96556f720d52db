import { z } from 'zod';
import { STEP_LIMIT } from '../random/streams.js';
import type { SettingProblem } from './experiment.js';

/** Why a setting can be no larger, in a few words: for the message that refuses more. */
export const reasons = z.registry<{ reason: string }>();

/** The schema, whose upper limit has this reason. */
export function because<S extends z.ZodType>(reason: string, schema: S): S {
  reasons.add(schema, { reason });
  return schema;
}

/** Why there are so many updates at most. */
export const A_STREAM_EACH = `every update has a random stream of its own, and there are ${STEP_LIMIT}`;

/** A problem if a number of epochs comes to more updates than there can be. */
export function updatesWithin(updates: number): SettingProblem[] {
  return updates <= STEP_LIMIT
    ? []
    : [{ path: 'train.epochs', message: `comes to ${updates} updates; ${A_STREAM_EACH}` }];
}
