import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { withGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';

const check = shapeCheck('embedBags', {
  table: 'R words width',
  ids: 'int32 R|1 bags slots',
  weights: 'slots width',
});

/**
 * Embeddings of sentences: the sum over word slots j of weights[j] * table[id j], entry by entry.
 * @param table [R, words, width]; row 0, that of the nil word, must be zero.
 * @param ids int32 [R, bags, slots], or [1, bags, slots] for the same sentences in all replicas.
 * @param weights position encoding, [slots, width].
 * @returns [R, bags, width]; its gradient is with respect to `table`.
 * @throws RangeError when the shapes do not fit, or where an id is none of the table.
 */
export function embedBags(table: tf.Tensor3D, ids: tf.Tensor3D, weights: tf.Tensor2D): tf.Tensor3D {
  check({ table, ids, weights });
  if (!hasKernel('EmbedBagsPerReplica')) return composedEmbedBags(table, ids, weights);
  return withGradient(
    { table },
    () => ({
      value: runKernel('EmbedBagsPerReplica', { table, ids, weights })[0],
      saved: { table, ids, weights },
    }),
    (dy, saved) => ({ table: runKernel('EmbedBagsGradientPerReplica', { dy, ...saved })[0] }),
  );
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
