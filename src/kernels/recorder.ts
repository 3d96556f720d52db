import * as tf from '@tensorflow/tfjs-core';

/**
 * What a backend did in a piece of a program, to be done again without the program: TensorFlow.js's engine, its gradient
 * tape and the making of tensors take as long as the kernels of a small network.
 */
export interface Recording {
  /** Calls of the backend's functions. */
  readonly calls: number;
  /** Memory that it keeps, besides that of what the program was given and has returned where that can be told apart. */
  readonly bytes: number;
  /** Does the same again, in the same memory, with what tensors from outside hold now. */
  replay(): void;
  /** Overwrites all that a replay must make anew, so that what it leaves out is seen. */
  spoil(): void;
  /** Frees the memory; before the tensors that the program returned, which are their owner's, and those that it used. */
  dispose(): void;
}

/** A backend that can tell what it does. */
export interface Recorder {
  /** Roughly what `overwrite` and `move` take for a byte. */
  readonly secondsPerByte: number;
  /**
   * Runs a program and records it. Its tensors stay in memory as long as the recording does.
   * @param most bytes that it may take; with more there is no recording.
   * @param spent tensors that nobody needs once the last of the program's kernels has read them: where that kernel can, it puts
   *   its results in their place.
   */
  record<T>(
    run: () => T,
    most: number,
    spent?: readonly tf.Tensor[],
  ): { readonly result: T; readonly recording: Recording | null };
  /** Copies a tensor's numbers into the memory of another of equal type and size, and so of all its clones. */
  overwrite(to: tf.Tensor, from: tf.Tensor): void;
  /** The same, where nobody reads `from` again before it is overwritten. */
  move(to: tf.Tensor, from: tf.Tensor): void;
  /** Gives up the memory of a tensor that nobody reads before it is overwritten, unless others share it, or recordings know it by its place. */
  forget(tensor: tf.Tensor): void;
}

const recorders = new Map<string, Recorder>();

/** Tells how a backend is recorded, or that it is not. */
export function provideRecorder(backendName: string, recorder: Recorder | undefined): void {
  if (recorder) recorders.set(backendName, recorder);
  else recorders.delete(backendName);
}

/** That of the current backend; undefined where it cannot be recorded. */
export function currentRecorder(): Recorder | undefined {
  return recorders.get(tf.getBackend());
}
