import type { Trial } from '../trials/trial.js';

/** How a trial ended. Only `failed` is a fault of the program or the machine; it is never a scientific result. */
export type Outcome =
  | { readonly kind: 'succeeded' }
  /** Trained to the end, and the success criterion was not met. */
  | { readonly kind: 'missed' }
  /** Loss or parameters stopped being finite; `step` is the report at which that was seen (updates done). */
  | { readonly kind: 'diverged'; readonly step: number }
  | { readonly kind: 'failed'; readonly error: string };

/** One point of a learning curve. */
export interface CurvePoint {
  /** Updates done so far (the first update is update 0, so `step` is 1 after it). */
  readonly step: number;
  /** Mean training loss since the previous point. */
  readonly loss: number;
  /** What the experiment measured here, e.g. `testAccuracy`. */
  readonly metrics: { readonly [name: string]: number };
}

/** Where and with what a trial was run. Nothing in here may change its result beyond float32 rounding. */
export interface Provenance {
  readonly gnoise: string;
  readonly node: string;
  readonly tfjs: string;
  readonly backend: string;
  /** E.g. `cpu`, `NVIDIA H200`. */
  readonly device: string;
  /** The native library's version, where there is one. */
  readonly tensorflow: string | null;
  /** Git commit of gnoise, and whether its tree had changes; null outside a checkout. */
  readonly commit: string | null;
  readonly dirty: boolean | null;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Wall-clock seconds of training that its population took, resumed parts included. */
  readonly seconds: number;
  /** Replicas trained in lockstep with it, itself included. */
  readonly population: number;
}

/** A finished trial: what one file under `results/<config>/<profile>/trials/` holds. */
export interface TrialRecord extends Trial {
  readonly format: 1;
  readonly outcome: Outcome;
  /** Figures at the end of training, e.g. `testAccuracy`; also `best...` over the curve where that is meant. */
  readonly metrics: { readonly [name: string]: number };
  readonly curve: readonly CurvePoint[];
  readonly provenance: Provenance;
}
