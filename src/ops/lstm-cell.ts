import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { registerGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';

/** The kernel works on four units at a time. */
const LEAST_UNITS = 4;

const check = shapeCheck('lstmCell', { gates: '... 4U', cell: '... U' });

/**
 * The cell of a long short-term memory with forget gates: newCell = s(f) cell + s(i) tanh(candidate), output = s(o)
 * tanh(newCell), where s is the sigmoid. [Gers, Schmidhuber, Cummins 2000]
 * @param gates before their nonlinearities, in the order i, f, candidate, o: [..., 4 units].
 * @param cell [..., units].
 * @returns output and newCell, each [..., units].
 * @throws RangeError when the shapes do not fit.
 */
export function lstmCell<T extends tf.Tensor>(gates: T, cell: T): [T, T] {
  check({ gates, cell });
  if (cell.shape.at(-1)! >= LEAST_UNITS && hasKernel('LstmCell'))
    return runKernel('LstmCell', { gates, cell }) as [T, T];
  const [i, f, candidate, o] = tf.split(gates, 4, -1) as T[];
  const next = tf.add(tf.mul(tf.sigmoid(f!), cell), tf.mul(tf.sigmoid(i!), tf.tanh(candidate!)));
  return [tf.mul(tf.sigmoid(o!), tf.tanh(next)) as T, next as T];
}

registerGradient('LstmCell', ['gates', 'cell'], ([dOutput, dNewCell], { gates, cell }) => {
  const [dGates, dCell] = runKernel('LstmCellGradient', { gates, cell, dOutput, dNewCell });
  return { gates: dGates, cell: dCell };
});
