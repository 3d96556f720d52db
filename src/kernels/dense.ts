import * as tf from '@tensorflow/tfjs';
import { DENSE, DENSE_MASK } from './kernel-names.js';

export interface DenseOptions {
  /** Whether x is data, which needs no gradient: leaves out that product in the backward pass. */
  readonly inputIsData?: boolean;
}

/**
 * A fully connected layer of R replicas, `activation(x w + b)`. The gradient of relu at 0 is 0.
 * @param x [R, B, I], or [1, B, I] for the same input to all replicas.
 * @param w [R, I, O].
 * @param b [R, O].
 * @returns [R, B, O].
 */
export function dense(
  x: tf.Tensor3D,
  w: tf.Tensor3D,
  b: tf.Tensor2D,
  activation: 'linear' | 'relu',
  { inputIsData = false }: DenseOptions = {},
): tf.Tensor3D {
  const relu = activation === 'relu';
  const layer = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const y = forward(x, w, b, relu);
    save([x, w, y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, w, y] = saved as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
        const [dz, db] = mask(dy as tf.Tensor3D, y, relu);
        const dw = tf.matMul(x, dz, true, false);
        return inputIsData ? [dw, db] : [dw, db, inputGradient(dz, w, x.shape[0])];
      },
    };
  });
  return (inputIsData ? layer(w, b) : layer(w, b, x)) as tf.Tensor3D;
}

function forward(x: tf.Tensor3D, w: tf.Tensor3D, b: tf.Tensor2D, relu: boolean): tf.Tensor3D {
  if (tf.getKernel(DENSE, tf.getBackend())) {
    checkShapes(x, w, b);
    return tf.engine().runKernel<tf.Tensor3D>(DENSE, { x, w, b }, { relu });
  }
  const z = tf.add(tf.matMul(x, w), tf.expandDims(b, 1));
  return (relu ? tf.relu(z) : z) as tf.Tensor3D;
}

/** The gradient with respect to z = x w + b, and its sum over the batch, which is that with respect to b. */
function mask(dy: tf.Tensor3D, y: tf.Tensor3D, relu: boolean): [tf.Tensor3D, tf.Tensor2D] {
  if (tf.getKernel(DENSE_MASK, tf.getBackend()))
    return tf.engine().runKernel(DENSE_MASK, { dy, y }, { relu }) as unknown as [tf.Tensor3D, tf.Tensor2D];
  const dz = relu ? tf.mul(dy, tf.step(y)) : dy;
  return [dz as tf.Tensor3D, tf.sum(dz, 1)];
}

function inputGradient(dz: tf.Tensor3D, w: tf.Tensor3D, inputs: number): tf.Tensor3D {
  const dx: tf.Tensor3D = tf.matMul(dz, w, false, true);
  return inputs === w.shape[0] ? dx : (tf.sum(dx, 0, true) as tf.Tensor3D);
}

function checkShapes(x: tf.Tensor3D, w: tf.Tensor3D, b: tf.Tensor2D): void {
  const [replicas, , outputs] = w.shape;
  if ((x.shape[0] !== replicas && x.shape[0] !== 1) || b.shape[0] !== replicas || b.shape[1] !== outputs)
    throw new RangeError(
      `dense: x [${x.shape}], w [${w.shape}] and b [${b.shape}] are not [R, B, I], [R, I, O] and [R, O]`,
    );
}
