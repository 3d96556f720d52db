import type * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from './named-tensors.js';

/**
 * What a link does to every entry of a gradient by itself, in numbers of each replica: so a kernel can do it for several
 * links in one pass. A link that has no such form, or not for these gradients, is run as it is.
 */
export type Pointwise =
  /** Multiplies: with `scales` [1, R], or with a row of its own for each gradient. */
  | { readonly kind: 'scale'; readonly scales: tf.Tensor2D }
  /** Adds normals of `seeds` int32 [R, 2], of these standard deviations [R], from a place of its own for each parameter. */
  | {
      readonly kind: 'noise';
      readonly seeds: tf.Tensor2D;
      readonly deviations: tf.Tensor1D;
      readonly starts: { readonly [parameter: string]: number };
    }
  /** The last link: gradient descent at these negative rates [R]. */
  | { readonly kind: 'descent'; readonly rates: tf.Tensor1D }
  /** The last link: Adam, with the numbers of `noisyAdam` in src/ops/fused-step.ts, and its moments. */
  | {
      readonly kind: 'adam';
      readonly numbers: tf.Tensor2D;
      readonly mean: NamedTensors;
      readonly square: NamedTensors;
    };
