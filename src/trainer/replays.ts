import * as tf from '@tensorflow/tfjs';
import type { Batch } from '../experiments/experiment.js';
import { currentRecorder, type Recorder } from '../kernels/recorder.js';
import { disposeTree } from '../method/tensor-tree.js';
import { type LockstepState, type Stepping, trainingStep } from './step.js';
import { Take } from './take.js';

/** Steps with batches of the same shapes before one is recorded: most of a curriculum's shapes do not come often. */
const STEPS_BEFORE = 3;
/** Memory that all recordings of a population may keep: a larger one's time goes into its kernels. */
const MOST_BYTES = 256 * 2 ** 20;

/** What is known of steps with batches of the same shapes. */
type Known =
  | { readonly kind: 'seen'; readonly times: number }
  | { readonly kind: 'recorded' | 'proven'; readonly take: Take }
  | { readonly kind: 'unfit' };

/**
 * The steps of a population. Where the backend can be recorded, those that are worth it are, and are replayed from then
 * on: a step is a pure function of tensors, so that it calls the same kernels each time, on other numbers. The first replay
 * is held against the step that it stands for, bit by bit; where it differs, steps are made as ever.
 */
export class Replays {
  readonly #known = new Map<string, Known>();
  /** Where the state is, if it was handed out by one. */
  #last: Take | null = null;
  #replayed = 0;

  constructor(private readonly stepping: Stepping) {}

  /** How many steps were replayed. */
  get replayed(): number {
    return this.#replayed;
  }

  /** Makes a step; frees the batch and the state before it. */
  advance(state: LockstepState, batch: Batch): LockstepState {
    const recorder = currentRecorder();
    if (!recorder) return this.#make(state, batch);
    const shapes = shapesOf(batch);
    const known = this.#known.get(shapes) ?? { kind: 'seen', times: 0 };
    switch (known.kind) {
      case 'proven':
        this.#replayed += 1;
        known.take.load(state, batch);
        this.#leave(known.take);
        return known.take.replay();
      case 'recorded':
        return this.#prove(known.take, shapes, state, batch);
      case 'seen':
        this.#known.set(shapes, this.#afterSeeing(known.times, recorder, state, batch));
    }
    return this.#make(state, batch);
  }

  /** Frees what was recorded; the state stays. */
  dispose(): void {
    for (const known of this.#known.values()) if ('take' in known) known.take.dispose();
    this.#known.clear();
  }

  #make(state: LockstepState, batch: Batch): LockstepState {
    const next = trainingStep(this.stepping, state, batch);
    disposeTree(state, next);
    tf.dispose(batch);
    this.#leave(null);
    return next;
  }

  /** The state is in another place from now on. */
  #leave(next: Take | null): void {
    if (this.#last !== next) this.#last?.release();
    this.#last = next;
  }

  #afterSeeing(times: number, recorder: Recorder, state: LockstepState, batch: Batch): Known {
    if (times < STEPS_BEFORE) return { kind: 'seen', times: times + 1 };
    const kept = [...this.#known.values()].reduce(
      (sum, own) => sum + ('take' in own ? own.take.bytes : 0),
      0,
    );
    const take = Take.of(recorder, this.stepping, state, batch, MOST_BYTES - kept);
    return take ? { kind: 'recorded', take } : { kind: 'unfit' };
  }

  #prove(take: Take, shapes: string, state: LockstepState, batch: Batch): LockstepState {
    const next = trainingStep(this.stepping, state, batch);
    take.load(state, batch, next);
    const isProven = take.gives(next);
    this.#known.set(shapes, isProven ? { kind: 'proven', take } : { kind: 'unfit' });
    this.#leave(null);
    if (isProven) take.release();
    else take.dispose();
    return next;
  }
}

/** Types and shapes of a batch's tensors. */
function shapesOf(batch: Batch): string {
  let shapes = '';
  for (const name in batch) shapes += `${name} ${batch[name]!.dtype} ${batch[name]!.shape};`;
  return shapes;
}
