import * as tf from '@tensorflow/tfjs';
import { LSTM_CELL, LSTM_CELL_GRADIENT } from './kernel-names.js';

/** The kernel works on four units at a time. */
const LEAST_UNITS = 4;

/**
 * The cell of a long short-term memory with forget gates: newCell = s(f) cell + s(i) tanh(candidate), output = s(o)
 * tanh(newCell), where s is the sigmoid. [Gers, Schmidhuber, Cummins 2000]
 * @param gates before their nonlinearities, in the order i, f, candidate, o: [..., 4 units].
 * @param cell [..., units].
 * @returns output and newCell, each [..., units].
 */
export function lstmCell<T extends tf.Tensor>(gates: T, cell: T): [T, T] {
  if (cell.shape.at(-1)! >= LEAST_UNITS && tf.getKernel(LSTM_CELL, tf.getBackend()))
    return tf.engine().runKernel(LSTM_CELL, { gates, cell }) as unknown as [T, T];
  const [i, f, candidate, o] = tf.split(gates, 4, -1) as T[];
  const next = tf.add(tf.mul(tf.sigmoid(f!), cell), tf.mul(tf.sigmoid(i!), tf.tanh(candidate!)));
  return [tf.mul(tf.sigmoid(o!), tf.tanh(next)) as T, next as T];
}

tf.registerGradient({
  kernelName: LSTM_CELL,
  inputsToSave: ['gates', 'cell'],
  gradFunc(dys, saved) {
    const [dOutput, dNewCell] = dys as tf.Tensor[];
    const [gates, cell] = saved;
    const inputs = { gates, cell, dOutput, dNewCell } as tf.NamedTensorMap;
    const gradients = tf.engine().runKernel(LSTM_CELL_GRADIENT, inputs) as unknown as tf.Tensor[];
    return { gates: () => gradients[0]!, cell: () => gradients[1]! };
  },
});
