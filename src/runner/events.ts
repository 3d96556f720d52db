import type { Outcome } from '../results/record.js';

/** What a sweep tells while it works: plain JSON, so that it can travel between processes. */
export type SweepEvent =
  /** A population starts, perhaps from a checkpoint: after `resumedAt` updates. */
  | {
      readonly kind: 'population';
      readonly replicas: number;
      readonly steps: number;
      readonly resumedAt: number;
    }
  /** The population in training gets on. */
  | {
      readonly kind: 'progress';
      readonly step: number;
      readonly steps: number;
      /** Replicas still in training. */
      readonly replicas: number;
      /** Mean training loss at the last report of the replicas that are still finite; null when none is, or none was reported. */
      readonly loss: number | null;
    }
  /** The trial of this id is stored. */
  | { readonly kind: 'trial'; readonly id: string; readonly outcome: Outcome }
  /** A checkpoint of the population in training is stored in this file. */
  | { readonly kind: 'checkpoint'; readonly file: string }
  /** A sentence for the user. */
  | { readonly kind: 'notice'; readonly text: string };
