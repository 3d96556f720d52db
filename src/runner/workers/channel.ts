import type { SweepEvent } from '../events.js';
import type { SweepOrder } from '../order.js';

/** What a worker process is told. */
export type ToWorker =
  /** After one that has been carried out another may follow. */
  | { readonly kind: 'order'; readonly order: SweepOrder }
  /** Store a checkpoint of what is in training, and end. */
  | { readonly kind: 'stop' };

/** What a worker process tells its parent. */
export type FromWorker =
  | SweepEvent
  /** The order has been carried out; the worker waits for the next. */
  | { readonly kind: 'done' }
  | Failure;

/** The last word of a worker that cannot go on. */
export interface Failure {
  readonly kind: 'failure';
  /** The message of a `UserError`; of any other error all that is known. */
  readonly text: string;
  /** Whether it is a `UserError`: something for the user to mend. */
  readonly isUserError: boolean;
}
