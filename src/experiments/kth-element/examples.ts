import * as tf from '@tensorflow/tfjs';
import { HostStream } from '../../random/streams.js';
import type { OpenData } from '../experiment.js';
import type { KthElementSettings } from './settings.js';
import { type Example, tasks } from './tasks.js';

type DataSettings = KthElementSettings['data'];

/** Examples as integers on the host. */
export interface ExampleSet {
  readonly count: number;
  /** [count * M] */
  readonly memory: Int32Array;
  /** What each cell must hold, [count * M]; -1 where it may hold anything. */
  readonly targets: Int32Array;
}

/** Examples on the device: int32 [N, M] each, with -1 as in `ExampleSet`. */
export type ExampleTensors = { readonly memory: tf.Tensor2D; readonly targets: tf.Tensor2D };

/** The fixed test set, the same for every trial of a config. */
export interface TestSet extends OpenData {
  readonly examples: ExampleSet;
}

/** Tensor number of the test set's stream; training examples of the same seed are drawn from number 0. */
const TEST_STREAM = 1;

export function testSet({ task, memory: M, maximum, testExamples, testSeed }: DataSettings): TestSet {
  const stream = new HostStream(testSeed, 'task', 0, TEST_STREAM);
  const examples = Array.from({ length: testExamples }, () =>
    tasks[task].draw(stream, 1 + stream.integer(maximum), M),
  );
  return { examples: pack(examples, M), dispose: () => undefined };
}

export function pack(examples: readonly Example[], M: number): ExampleSet {
  const memory = new Int32Array(examples.length * M);
  const targets = new Int32Array(examples.length * M).fill(-1);
  for (const [i, example] of examples.entries()) {
    memory.set(example.memory, i * M);
    for (const [cell, value] of example.answer) targets[i * M + cell] = value;
  }
  return { count: examples.length, memory, targets };
}

/** Examples `from` .. `to`, not copied. */
export function examplesBetween(
  { count, memory, targets }: ExampleSet,
  from: number,
  to: number,
): ExampleSet {
  const M = memory.length / count;
  const part = (all: Int32Array) => all.subarray(from * M, to * M);
  return { count: to - from, memory: part(memory), targets: part(targets) };
}

export function exampleAt(set: ExampleSet, index: number) {
  const { memory, targets } = examplesBetween(set, index, index + 1);
  return { memory: [...memory], targets: [...targets] };
}

export function toTensors({ count, memory, targets }: ExampleSet): ExampleTensors {
  return {
    memory: tf.tensor2d(memory, [count, memory.length / count], 'int32'),
    targets: tf.tensor2d(targets, [count, targets.length / count], 'int32'),
  };
}

/**
 * How many answer cells of each example are wrong, float32 [N]: cells whose most probable integer is not the target.
 * @param memory distributions, [N, M, M]
 */
export function wrongCells(memory: tf.Tensor3D, targets: tf.Tensor2D): tf.Tensor1D {
  const wrong = tf.logicalAnd(tf.notEqual(tf.argMax(memory, 2), targets), tf.greaterEqual(targets, 0));
  return tf.sum(tf.cast(wrong, 'float32'), 1);
}
