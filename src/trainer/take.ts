import * as tf from '@tensorflow/tfjs';
import type { Batch } from '../experiments/experiment.js';
import type { Recorder, Recording } from '../kernels/recorder.js';
import { disposeTree, mapTree, tensorsByPath, tensorsOf } from '../method/tensor-tree.js';
import { type LockstepState, type Stepping, trainingStep } from './step.js';

/** What the engine takes for a call of a kernel. [measured, roughly] */
const SECONDS_PER_CALL = 1e-5;

/**
 * A recorded step. It reads and writes tensors of its own, whatever state and batch come; the state after it is handed out
 * as clones of what it reads, so that the next step finds it in its place. Most of it is written there at once.
 */
export class Take {
  /** What the step changes elsewhere than in its place: where it is read, and where it is written. */
  readonly #moves: readonly { readonly read: tf.Tensor; readonly written: tf.Tensor }[];
  /** The state that was handed out last, and is its owner's; null where the next one is not made yet. */
  #state: LockstepState | null = null;

  private constructor(
    private readonly recorder: Recorder,
    private readonly recording: Recording,
    private readonly reads: { readonly state: LockstepState; readonly batch: Batch },
    private readonly writes: LockstepState,
  ) {
    const written = tensorsByPath(writes);
    this.#moves = [...tensorsByPath(reads.state)]
      .map(([path, read]) => ({ read, written: written.get(path)! }))
      .filter(({ read, written }) => written.dataId !== read.dataId);
  }

  /**
   * Records a step from a state on a batch, which stay as they are and stay the caller's.
   * @param mostBytes that it may keep.
   * @returns null where the step cannot be recorded, or would hardly be faster.
   */
  static of(
    recorder: Recorder,
    stepping: Stepping,
    state: LockstepState,
    batch: Batch,
    mostBytes: number,
  ): Take | null {
    const reads = { state: mapTree(state, copyOf), batch: mapTree(batch, tf.clone) };
    const { result: writes, recording } = recorder.record(
      () => trainingStep(stepping, reads.state, reads.batch),
      mostBytes,
      tensorsOf(reads.state),
    );
    if (recording && isStraight(reads.state, writes)) {
      const take = new Take(recorder, recording, reads, writes);
      if (take.#pays()) return take;
      take.dispose();
      return null;
    }
    recording?.dispose();
    disposeTree(writes, reads.state);
    disposeTree(reads);
    return null;
  }

  /** Memory that it keeps. */
  get bytes(): number {
    return this.recording.bytes;
  }

  /**
   * Puts a state and a batch where the step reads them, and frees them.
   * @param batch of the recorded shapes.
   * @param kept what of the state must stay.
   */
  load(state: LockstepState, batch: Batch, kept: object = {}): void {
    if (state !== this.#state) {
      const given = tensorsByPath(state);
      const staying = new Set(tensorsOf(kept).map(({ dataId }) => dataId));
      for (const [path, read] of tensorsByPath(this.reads.state)) this.#put(read, given.get(path)!, staying);
      disposeTree(state, kept);
      this.#state = null;
    }
    for (const [name, read] of Object.entries(this.reads.batch)) this.#put(read, batch[name]!);
    tf.dispose(batch);
  }

  /** The step from what was loaded. @returns the state after it, which is the one before, changed in place. */
  replay(): LockstepState {
    this.recording.replay();
    for (const { read, written } of this.#moves) this.recorder.move(read, written);
    this.#state ??= mapTree(this.reads.state, tf.clone);
    return this.#state;
  }

  /**
   * Whether a replay from what was loaded gives this state, bit by bit, when all that it must make is spoilt before. What was
   * loaded is gone.
   */
  gives(expected: LockstepState): boolean {
    this.recording.spoil();
    try {
      this.recording.replay();
    } catch {
      // It has read what was spoilt.
      return false;
    }
    const written = tensorsByPath(this.writes);
    return [...tensorsByPath(expected)].every(([path, tensor]) => isSame(tensor, written.get(path)!));
  }

  /** Gives up what it has loaded, until it is loaded again: the next steps are made elsewhere. */
  release(): void {
    for (const read of tensorsOf(this.reads)) this.recorder.forget(read);
    this.#state = null;
  }

  /** Frees what it keeps; a state that it handed out stays. */
  dispose(): void {
    // The recording first: its references count, and TensorFlow.js forgets a tensor only with the last one.
    this.recording.dispose();
    disposeTree(this.writes, this.reads.state);
    disposeTree(this.reads);
  }

  #put(read: tf.Tensor, given: tf.Tensor, staying?: ReadonlySet<object>): void {
    if (given.dataId === read.dataId) return;
    if (staying?.has(given.dataId)) this.recorder.overwrite(read, given);
    else this.recorder.move(read, given);
  }

  #pays(): boolean {
    const copied = [...this.#moves.map(({ read }) => read), ...Object.values(this.reads.batch)];
    const bytes = copied.reduce((sum, { size, dtype }) => sum + size * tf.util.bytesPerElement(dtype), 0);
    return bytes * this.recorder.secondsPerByte < this.recording.calls * SECONDS_PER_CALL;
  }
}

/** Whether nothing that is written is what is read elsewhere, so that all can be moved in any order. */
function isStraight(reads: LockstepState, writes: LockstepState): boolean {
  const places = new Map([...tensorsByPath(reads)].map(([path, { dataId }]) => [dataId, path]));
  return [...tensorsByPath(writes)].every(([path, { dataId }]) => (places.get(dataId) ?? path) === path);
}

/** The same numbers in memory of their own. */
function copyOf(tensor: tf.Tensor): tf.Tensor {
  return tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype);
}

function isSame(a: tf.Tensor, b: tf.Tensor): boolean {
  const [x, y] = [a, b].map((tensor) => {
    const { buffer, byteOffset, byteLength } = tensor.dataSync();
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  return x!.equals(y!);
}
