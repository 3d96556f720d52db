import * as tf from '@tensorflow/tfjs';
import { HostStream } from '../../random/streams.js';
import type { OpenData } from '../experiment.js';
import type { NeuralGpuSettings } from './settings.js';
import { PAD, tasks } from './tasks.js';

type DataSettings = NeuralGpuSettings['data'];

/** Sequences of one length. */
export interface SequenceSet {
  /** Positions of every sequence. */
  readonly length: number;
  readonly count: number;
  /** Symbols, [length, count]. */
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
}

/** The same test sequences for all trials. */
export interface TestSets extends OpenData {
  /** Of the test size. */
  readonly test: SequenceSet;
  /** Of the largest size trained on. */
  readonly trained: SequenceSet;
  /** Of multiples of that. */
  readonly multiples: readonly { readonly times: number; readonly set: SequenceSet }[];
}

/** All sizes that are tested. */
export function testedSizes({ testSize, maximum, testMultiples = [] }: DataSettings): number[] {
  return [testSize, maximum, ...testMultiples.map((times) => times * maximum)];
}

/** Sequences of `size` drawn one after the other; the symbols of one position lie together. */
export function drawSequences(
  task: DataSettings['task'],
  size: number,
  count: number,
  stream: HostStream,
): SequenceSet {
  const length = tasks[task].length(size);
  const inputs = new Int32Array(length * count);
  const targets = new Int32Array(length * count);
  for (let b = 0; b < count; b++) {
    const { input, target } = tasks[task].draw(stream, size);
    for (let k = 0; k < length; k++) {
      inputs[k * count + b] = input[k]!;
      targets[k * count + b] = target[k]!;
    }
  }
  return { length, count, inputs, targets };
}

export function drawTestSets(data: DataSettings): TestSets {
  const { task, maximum, testSize, testMultiples = [], testExamples, testSeed } = data;
  // The `task` purpose: the `batches` stream of the same seed is a trial's own training data.
  const draw = (size: number, tensor: number) =>
    drawSequences(task, size, testExamples, new HostStream(testSeed, 'task', 0, tensor));
  // A stream for each multiple, whichever others there are: 1 and 2 are taken.
  const multiples = testMultiples.map((times) => ({ times, set: draw(times * maximum, 2 + times) }));
  return { test: draw(testSize, 1), trained: draw(maximum, 2), multiples, dispose() {} };
}

/** Columns `from` .. `to` of a set as tensors int32 [1, length, to - from]. */
export function columns({ length, count, inputs, targets }: SequenceSet, from: number, to: number) {
  const cut = (symbols: Int32Array) => {
    const part = new Int32Array(length * (to - from));
    for (let k = 0; k < length; k++)
      part.set(symbols.subarray(k * count + from, k * count + to), k * (to - from));
    return tf.tensor3d(part, [1, length, to - from], 'int32');
  };
  return { inputs: cut(inputs), targets: cut(targets) };
}

/**
 * Every replica's sequences in one tensor, int32 [R, n, B], padded behind the end to the longest.
 * @param sets of B sequences each
 */
export function stack(sets: readonly SequenceSet[]): {
  inputs: tf.Tensor3D;
  targets: tf.Tensor3D;
  active: tf.Tensor2D;
} {
  const R = sets.length;
  const B = sets[0]!.count;
  const n = Math.max(...sets.map(({ length }) => length));
  const inputs = new Int32Array(R * n * B).fill(PAD);
  const targets = new Int32Array(R * n * B).fill(PAD);
  const active = new Float32Array(R * n);
  for (const [r, set] of sets.entries()) {
    inputs.set(set.inputs, r * n * B);
    targets.set(set.targets, r * n * B);
    active.fill(1, r * n, r * n + set.length);
  }
  return {
    inputs: tf.tensor3d(inputs, [R, n, B], 'int32'),
    targets: tf.tensor3d(targets, [R, n, B], 'int32'),
    active: tf.tensor2d(active, [R, n]),
  };
}
