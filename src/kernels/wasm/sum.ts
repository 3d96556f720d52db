import * as tf from '@tensorflow/tfjs';
import { replaceKernel } from '../registry.js';
import type { Tools } from './declaration.js';

/**
 * Sums of two tensors of one shape, as gradients of what is used twice are added up. The stock kernel takes a third
 * longer than a native one.
 */
export function replaceSum({ heap, functions }: Tools): void {
  replaceKernel('wasm', 'Add', (stock) => (args) => {
    const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || !tf.util.arraysEqual(a.shape, b.shape))
      return stock(args);
    const out = heap.output(a.shape);
    functions.sum(heap.address(out), heap.address(a), heap.address(b), tf.util.sizeFromShape(a.shape));
    return out;
  });
}
