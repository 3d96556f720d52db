import { z } from 'zod';

const updates = z.int().nonnegative();

const progress = z.discriminatedUnion('kind', [
  z
    .object({ kind: z.literal('population'), replicas: updates, steps: updates, resumedAt: updates })
    .readonly(),
  z
    .object({
      kind: z.literal('progress'),
      step: updates,
      steps: updates,
      replicas: updates,
      loss: z.number().nullable(),
    })
    .readonly(),
]);

/** The part of what a training tells that runners are shown. */
export type ProgressEvent = z.infer<typeof progress>;

/** What a worker reported, checked like any input; null when it is of another form. */
export function parseProgress(data: unknown): ProgressEvent | null {
  return progress.safeParse(data).data ?? null;
}
