import { z } from 'zod';
import { trialFields } from '../trials/trial.js';

/** JSON has no NaN and no infinities: they are kept as the strings `"NaN"`, `"Infinity"` and `"-Infinity"`. */
const anyNumber = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

/** By metric, e.g. `testAccuracy`. */
const figures = z.record(z.string(), anyNumber).readonly();

const outcome = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('succeeded') }),
    /** Trained to the end, and the success criterion was not met. */
    z.object({ kind: z.literal('missed') }),
    /** Loss or parameters stopped being finite; `step` is the report at which that was seen (updates done). */
    z.object({ kind: z.literal('diverged'), step: z.int().nonnegative() }),
    z.object({ kind: z.literal('failed'), error: z.string() }),
  ])
  .readonly();

/** Of the gradient at the next update, before clipping. */
const gradientSize = z
  .object({
    /** L2 norm over all parameters together. */
    norm: anyNumber,
    /** Root of the mean square of its entries: to be compared with the deviation of the noise on each of them. */
    rms: anyNumber,
  })
  .readonly();

const curvePoint = z
  .object({
    /** Updates done so far (the first update is update 0, so `step` is 1 after it). */
    step: z.int().nonnegative(),
    /** Mean training loss since the previous point. */
    loss: anyNumber,
    /** What the experiment measured here. */
    metrics: figures,
    /** Older records do not say, nor does the point at the end of training. */
    gradient: gradientSize.exactOptional(),
  })
  .readonly();

const provenance = z
  .object({
    gnoise: z.string(),
    node: z.string(),
    tfjs: z.string(),
    backend: z.string(),
    /** E.g. `cpu`, `NVIDIA H200`. */
    device: z.string(),
    /** The native library's version, where there is one. */
    tensorflow: z.string().nullable(),
    /** Of the wasm backend: `wasm`, or the instruction set of the native kernels; older records do not say. */
    kernels: z.string().nullable().optional(),
    /** Git commit of gnoise, and whether its tree had changes; null outside a checkout. */
    commit: z.string().nullable(),
    dirty: z.boolean().nullable(),
    /** ISO 8601. */
    startedAt: z.string(),
    finishedAt: z.string(),
    /** Wall-clock seconds of training that its population took, resumed parts included. */
    seconds: z.number().nonnegative(),
    /** Replicas trained in lockstep with it, itself included. */
    population: z.int().positive(),
  })
  .readonly();

/** What the JSON of a stored trial must be. */
export const recordSchema = z
  .object({
    // First, so that a later format is refused as such.
    format: z.literal(1),
    ...trialFields,
    /** Figures at the end of training; also `best...` over the curve where that is meant. */
    metrics: figures,
    curve: z.array(curvePoint).readonly(),
    outcome,
    provenance,
  })
  .readonly();

/** How a trial ended. Only `failed` is a fault of the program or the machine; it is never a scientific result. */
export type Outcome = z.infer<typeof outcome>;

/** Whether a trial was trained to its end, so that there is a network to look at. */
export function isTrained(kind: Outcome['kind'] | undefined): boolean {
  return kind === 'succeeded' || kind === 'missed';
}

/** One point of a learning curve. */
export type CurvePoint = z.infer<typeof curvePoint>;

/** Where and with what a trial was run. Nothing in here may change its result beyond float32 rounding. */
export type Provenance = z.infer<typeof provenance>;

/** A finished trial: what one file under `results/<config>/<profile>/trials/` holds. */
export type TrialRecord = z.infer<typeof recordSchema>;
