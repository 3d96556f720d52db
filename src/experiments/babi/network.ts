import * as tf from '@tensorflow/tfjs';
import type { Lexicon } from '../../data/babi/encode.js';
import { embedBags } from '../../ops/embed-bags.js';
import { type Memory, memoryHop } from '../../ops/memory-hop.js';
import type { ParameterSpec, Replica } from '../experiment.js';
import { seedsOf } from '../replicas.js';
import { scaled, startNormals } from '../start.js';
import type { BabiSettings } from './settings.js';

type ModelSettings = BabiSettings['model'];

/**
 * The K + 1 embedding matrices E_0 ... E_K, each [words, width]. Adjacent tying: E_0 is the question's B and A^1, E_k is
 * C^k and A^(k+1), E_K is C^K and the answer's W. [memn2n section 2.2]
 */
export function parametersOf(
  { hops, width }: ModelSettings,
  { size }: Pick<Lexicon, 'size'>,
): ParameterSpec[] {
  return Array.from({ length: hops + 1 }, (_, k) => ({ name: `embedding${k}`, shape: [size, width] }));
}

/** Starting matrices [R, words, width]; the nil word's row is zero. */
export function initialise(
  replicas: readonly Replica<BabiSettings>[],
  parameters: readonly ParameterSpec[],
  { size }: Lexicon,
): tf.Tensor3D[] {
  return tf.tidy(() => {
    const normals = startNormals(
      seedsOf(replicas),
      parameters.map(({ shape }) => shape),
    );
    const deviations = replicas.map(({ settings }) => settings.model.deviation);
    return normals.map((own) => withoutNil(scaled(own, deviations) as tf.Tensor3D, nilMask(size)));
  });
}

/** [words, 1]: 0 for the nil word, 1 for the others. */
export function nilMask(size: number): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from({ length: size }, (_, id) => Number(id !== 0)),
    [size, 1],
  );
}

/** The matrix [R, words, width] with the nil word's row at zero; NaN stays NaN, so that divergence is seen. */
export function withoutNil(matrix: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  return tf.mul(matrix, mask) as tf.Tensor3D;
}

/**
 * Position encoding [slots, width]: l_kj = 1 + 4 (k - (d + 1) / 2) (j - (J + 1) / 2) / (d J), with k and j from 1, d the
 * width and J the slots, the time word's included. This is the authors' code; their paper's formula is half of it and not
 * centred. A bag of words has 1 everywhere.
 */
export function positionWeights(
  encoding: ModelSettings['encoding'],
  slots: number,
  width: number,
): tf.Tensor2D {
  const weight = (j: number, k: number) =>
    encoding === 'bag-of-words'
      ? 1
      : 1 + (4 * (k - (width + 1) / 2) * (j - (slots + 1) / 2)) / (width * slots);
  const rows = Array.from({ length: slots }, (_, j) =>
    Array.from({ length: width }, (_, k) => weight(j + 1, k + 1)),
  );
  return tf.tensor2d(rows, [slots, width]);
}

/** Called before each hop with its query, [R, B, width], and the table in which it looks the sentences up. */
export type OnHop = (query: tf.Tensor3D, input: tf.Tensor3D) => void;

/**
 * Logits over all words [R, B, words].
 * @param questions int32 [R, B, slots - 1], or [1, B, ...].
 */
export function forward(
  matrices: readonly tf.Tensor[],
  questions: tf.Tensor3D,
  memory: Memory,
  onHop: OnHop = () => {},
): tf.Tensor3D {
  const tables = matrices as readonly tf.Tensor3D[];
  // Questions have no time word: the same encoding less its last slot.
  const [slots, width] = memory.weights.shape;
  let query = embedBags(tables[0]!, questions, tf.slice(memory.weights, [0, 0], [slots - 1, width]));
  for (let k = 1; k < tables.length; k++) {
    onHop(query, tables[k - 1]!);
    query = memoryHop(query, tables[k - 1]!, tables[k]!, memory);
  }
  return tf.matMul(query, tables.at(-1)!, false, true);
}
