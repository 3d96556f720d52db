import * as tf from '@tensorflow/tfjs';
import { hasKernel, runKernel } from '../kernels/registry.js';
import { dense } from './dense.js';
import { shapeCheck } from './shapes.js';

/** Weights [R, inputs, outputs] and bias [R, outputs] of a fully connected layer. */
export interface DenseLayer {
  readonly w: tf.Tensor3D;
  readonly b: tf.Tensor2D;
}

const check = shapeCheck('denseStack', { x: 'R|1 B I', w: 'R I O', b: 'R O' });

/**
 * Fully connected layers of R replicas one after another on data: `relu(x w + b)`, and after the last one no relu. The
 * gradients are those of `dense`, to the bit; the data has none.
 * @param x data [R, B, I], or [1, B, I] for the same data to all replicas.
 * @param layers at least one; each takes what the one before it gives.
 * @returns [R, B, outputs of the last layer].
 * @throws RangeError when the shapes do not fit.
 */
export function denseStack(x: tf.Tensor3D, layers: readonly DenseLayer[]): tf.Tensor3D {
  const R = layers[0]!.w.shape[0];
  for (const [l, { w, b }] of layers.entries()) {
    const before = l === 0 ? x : layers[l - 1]!.b;
    // What a layer before gives has the shape [R, B, its outputs].
    check({ x: l === 0 ? x : shapeOnly([R, x.shape[1], before.shape[1]!]), w, b }, { R });
  }
  if (!hasKernel('DenseStack')) return composedDenseStack(x, layers);
  const run = tf.customGrad((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const weights: { [name: string]: tf.Tensor } = {};
    for (const [l, { w, b }] of layers.entries()) {
      weights[`w${l}`] = w;
      weights[`b${l}`] = b;
    }
    const activities = runKernel('DenseStack', { x, ...weights });
    const value = activities.at(-1)!;
    const hidden = activities.slice(0, -1);
    save([x, ...layers.map(({ w }) => w), ...hidden]);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => gradients(dy, kept, layers.length) };
  });
  return run(...layers.flatMap(({ w, b }) => [w, b])) as tf.Tensor3D;
}

function gradients(dy: tf.Tensor, [x, ...kept]: tf.Tensor[], layers: number): tf.Tensor[] {
  const inputs: { [name: string]: tf.Tensor } = { dy, x: x! };
  for (let l = 0; l < layers; l++) inputs[`w${l}`] = kept[l]!;
  for (let l = 0; l < layers - 1; l++) inputs[`y${l}`] = kept[layers + l]!;
  return runKernel('DenseStackGradient', inputs);
}

/** `denseStack` for backends without its kernel. */
export function composedDenseStack(x: tf.Tensor3D, layers: readonly DenseLayer[]): tf.Tensor3D {
  let activity = x;
  for (const [l, { w, b }] of layers.entries())
    activity = dense(activity, w, b, l < layers.length - 1 ? 'relu' : 'linear', { inputIsData: l === 0 });
  return activity;
}

/** Stands for a tensor that is not there yet. */
function shapeOnly(shape: number[]): tf.Tensor3D {
  return { shape, dtype: 'float32' } as unknown as tf.Tensor3D;
}
