import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { withGradient } from './gradients.js';
import { shapeCheck } from './shapes.js';

export interface DenseOptions {
  /** Whether x is data, which needs no gradient: leaves out that product in the backward pass. */
  readonly inputIsData?: boolean;
}

const check = shapeCheck('dense', { x: 'R|1 B I', w: 'R I O', b: 'R O' });

/**
 * A fully connected layer of R replicas, `activation(x w + b)`. The gradient of relu at 0 is 0.
 * @param x [R, B, I], or [1, B, I] for the same input to all replicas.
 * @param w [R, I, O].
 * @param b [R, O].
 * @returns [R, B, O].
 * @throws RangeError when the shapes do not fit.
 */
export function dense(
  x: tf.Tensor3D,
  w: tf.Tensor3D,
  b: tf.Tensor2D,
  activation: 'linear' | 'relu',
  { inputIsData = false }: DenseOptions = {},
): tf.Tensor3D {
  check({ x, w, b });
  const relu = activation === 'relu';
  return withGradient(
    inputIsData ? { w, b } : { w, b, x },
    () => {
      const y = forward(x, w, b, relu);
      return { value: y, saved: { x, w, y } };
    },
    (dy, { x, w, y }) => {
      const [dz, db] = relu ? reluGradient(dy, y) : [dy, biasGradient(dy)];
      const dw = tf.matMul(x, dz, true, false) as tf.Tensor3D;
      return inputIsData ? { w: dw, b: db } : { w: dw, b: db, x: inputGradient(dz, w, x.shape[0]) };
    },
  );
}

function forward(x: tf.Tensor3D, w: tf.Tensor3D, b: tf.Tensor2D, relu: boolean): tf.Tensor3D {
  if (hasKernel('DensePerReplica')) return runKernel('DensePerReplica', { x, w, b }, { relu })[0];
  const z = tf.add(tf.matMul(x, w), tf.expandDims(b, 1)) as tf.Tensor3D;
  return relu ? tf.relu(z) : z;
}

/** The gradient with respect to z = x w + b, and its sum over the batch, which is that with respect to b. */
function reluGradient(dy: tf.Tensor3D, y: tf.Tensor3D): [tf.Tensor3D, tf.Tensor2D] {
  if (hasKernel('ReluGradientPerReplica')) return runKernel('ReluGradientPerReplica', { dy, y });
  const dz = tf.mul(dy, tf.step(y)) as tf.Tensor3D;
  return [dz, tf.sum(dz, 1)];
}

function biasGradient(dy: tf.Tensor3D): tf.Tensor2D {
  return hasKernel('BiasGradientPerReplica') ? runKernel('BiasGradientPerReplica', { dy })[0] : tf.sum(dy, 1);
}

function inputGradient(dz: tf.Tensor3D, w: tf.Tensor3D, inputs: number): tf.Tensor3D {
  const dx: tf.Tensor3D = tf.matMul(dz, w, false, true);
  return inputs === w.shape[0] ? dx : tf.sum(dx, 0, true);
}
