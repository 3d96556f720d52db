import * as tf from '@tensorflow/tfjs';
import { EMBED_BAGS, EMBED_BAGS_GRADIENT, MEMORY_HOP, MEMORY_HOP_GRADIENT } from './kernel-names.js';

/**
 * Embeddings of sentences: the sum over word slots j of weights[j] * table[id j], entry by entry.
 * @param table [R, words, width]; row 0, that of the nil word, must be zero.
 * @param ids int32 [R, bags, slots], or [1, bags, slots] for the same sentences in all replicas.
 * @param weights position encoding, [slots, width].
 * @returns [R, bags, width]; its gradient is with respect to `table`.
 */
export function embedBags(table: tf.Tensor3D, ids: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor3D {
  if (!hasKernel(EMBED_BAGS)) return composedEmbedBags(table, ids, weights);
  const run = tf.customGrad((...inputs) => {
    const [table, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    // All that the gradient needs is saved: what was made during the forward pass is gone by then.
    save([ids, weights]);
    return {
      value: runKernel(EMBED_BAGS, { table, ids, weights })[0]!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [ids, weights] = saved as [tf.Tensor, tf.Tensor];
        return runKernel(EMBED_BAGS_GRADIENT, { dy, ids, weights }, { words: table.shape[1] });
      },
    };
  });
  return run(table) as tf.Tensor3D;
}

/** What the hops of one batch share. */
export interface Memory {
  /** int32 [R, B, sentences, slots], or [1, B, ...]; filled from the front, empty sentences are all nil. */
  readonly ids: tf.Tensor4D;
  /** Position encoding, [slots, width]. */
  readonly weights: tf.Tensor2D;
  /** [R]: where it is not 0 the softmax over the memory is left out, as in the first phase of a linear start. */
  readonly linear: tf.Tensor1D;
}

/**
 * One hop: u + sum_i p_i c_i with p = softmax_i(u . m_i). Empty sentences take part in the softmax with a score of 0.
 * @param query u, [R, B, width].
 * @param input table in which the sentences' m_i are embedded, [R, words, width]; row 0 must be zero.
 * @param output likewise for the c_i.
 * @returns the next hop's query, [R, B, width].
 */
export function memoryHop(
  query: tf.Tensor3D,
  input: tf.Tensor3D,
  output: tf.Tensor3D,
  memory: Memory,
): tf.Tensor3D {
  if (!hasKernel(MEMORY_HOP)) return composedMemoryHop(query, input, output, memory);
  const run = tf.customGrad((...inputs) => {
    const [query, input, output, save] = inputs as unknown as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.GradSaveFunc,
    ];
    const tensors = { query, input, output, ...memory };
    const [value, attention] = runKernel(MEMORY_HOP, tensors) as [tf.Tensor, tf.Tensor];
    const names = [...Object.keys(tensors), 'attention'];
    save([...Object.values(tensors), attention]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const named = Object.fromEntries(names.map((name, i) => [name, saved[i]!]));
        return runKernel(MEMORY_HOP_GRADIENT, { dy, ...named });
      },
    };
  });
  return run(query, input, output) as tf.Tensor3D;
}

/** `embedBags` for backends without its kernel. */
export function composedEmbedBags(table: tf.Tensor3D, ids: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor3D {
  const [replicas, words, width] = table.shape;
  // One table with a block of rows for each replica, because a gather has no batch axis here.
  const blocks = tf.reshape(tf.mul(tf.range(0, replicas, 1, 'int32'), words), [replicas, 1, 1]);
  const rows = tf.gather(
    tf.reshape(table, [replicas * words, width]),
    tf.add(ids, tf.cast(blocks, 'int32')) as tf.Tensor3D,
  );
  return tf.sum(tf.mul(rows, weights), 2) as tf.Tensor3D;
}

/** `memoryHop` for backends without its kernel. */
export function composedMemoryHop(
  query: tf.Tensor3D,
  input: tf.Tensor3D,
  output: tf.Tensor3D,
  { ids, weights, linear }: Memory,
): tf.Tensor3D {
  const [replicas, batch, width] = query.shape;
  const [shared, , sentences, slots] = ids.shape;
  const bags = tf.reshape(ids, [shared, batch * sentences, slots]) as tf.Tensor3D;
  const embed = (table: tf.Tensor3D) =>
    tf.reshape(composedEmbedBags(table, bags, weights), [replicas, batch, sentences, width]);
  const scores = tf.sum(tf.mul(embed(input), tf.expandDims(query, 2)), 3);
  const isLinear = tf.reshape(tf.notEqual(linear, 0), [replicas, 1, 1]);
  const attention = tf.where(tf.broadcastTo(isLinear, scores.shape), scores, tf.softmax(scores));
  return tf.add(query, tf.sum(tf.mul(tf.expandDims(attention, 3), embed(output)), 2));
}

function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

function runKernel(name: string, inputs: tf.NamedTensorMap, attributes = {}): tf.Tensor[] {
  const result = tf.engine().runKernel(name, inputs, attributes) as tf.Tensor | tf.Tensor[];
  return Array.isArray(result) ? result : [result];
}
