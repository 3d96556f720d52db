import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { composedEmbedBags } from './embed-bags.js';
import { withGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';

/** What the hops of one batch share. */
export type Memory = {
  /** int32 [R, B, sentences, slots], or [1, B, ...]; filled from the front, empty sentences are all nil. */
  readonly ids: tf.Tensor4D;
  /** Position encoding, [slots, width]. */
  readonly weights: tf.Tensor2D;
  /** [R]: where it is not 0 the softmax over the memory is left out, as in the first phase of a linear start. */
  readonly linear: tf.Tensor1D;
};

const check = shapeCheck('memoryHop', {
  query: 'R B width',
  input: 'R words width',
  output: 'R words width',
  ids: 'int32 R|1 B sentences slots',
  weights: 'slots width',
  linear: 'R',
});

/**
 * One hop: u + sum_i p_i c_i with p = softmax_i(u . m_i). Empty sentences take part in the softmax with a score of 0.
 * @param query u, [R, B, width].
 * @param input table in which the sentences' m_i are embedded, [R, words, width]; row 0 must be zero.
 * @param output likewise for the c_i.
 * @returns the next hop's query, [R, B, width].
 * @throws RangeError when the shapes do not fit, or where an id is none of the tables.
 */
export function memoryHop(
  query: tf.Tensor3D,
  input: tf.Tensor3D,
  output: tf.Tensor3D,
  { ids, weights, linear }: Memory,
): tf.Tensor3D {
  const inputs = { query, input, output, ids, weights, linear };
  check(inputs);
  if (!hasKernel('MemoryHopPerReplica')) return composedMemoryHop(query, input, output, inputs);
  return withGradient(
    { query, input, output },
    () => {
      const [value, attention] = runKernel('MemoryHopPerReplica', inputs);
      return { value, saved: { ...inputs, attention } };
    },
    (dy, saved) => {
      const [dQuery, dInput, dOutput] = runKernel('MemoryHopGradientPerReplica', { dy, ...saved });
      return { query: dQuery, input: dInput, output: dOutput };
    },
  );
}

/** `memoryHop` for backends without its kernel. */
export function composedMemoryHop(
  query: tf.Tensor3D,
  input: tf.Tensor3D,
  output: tf.Tensor3D,
  memory: Memory,
): tf.Tensor3D {
  const attention = memoryAttention(query, input, memory);
  return tf.add(query, tf.sum(tf.mul(tf.expandDims(attention, 3), embedSentences(output, memory)), 2));
}

/** The p_i of a hop, [R, B, sentences]: what `memoryHop` weighs the sentences by, for whoever wants to see it. */
export function memoryAttention(query: tf.Tensor3D, input: tf.Tensor3D, memory: Memory): tf.Tensor3D {
  const scores: tf.Tensor3D = tf.sum(tf.mul(embedSentences(input, memory), tf.expandDims(query, 2)), 3);
  const isLinear = tf.reshape(tf.notEqual(memory.linear, 0), [-1, 1, 1]);
  return tf.where(tf.broadcastTo(isLinear, scores.shape), scores, tf.softmax(scores));
}

/** [R, B, sentences, width] */
function embedSentences(table: tf.Tensor3D, { ids, weights }: Memory): tf.Tensor {
  const [shared, batch, sentences, slots] = ids.shape;
  const bags = tf.reshape(ids, [shared, batch * sentences, slots]) as tf.Tensor3D;
  return tf.reshape(composedEmbedBags(table, bags, weights), [-1, batch, sentences, table.shape[2]]);
}
