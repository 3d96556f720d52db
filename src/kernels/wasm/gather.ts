import * as tf from '@tensorflow/tfjs';
import { replaceKernel } from '../registry.js';
import type { WasmHeap } from './heap.js';

/**
 * Gathers rows (axis 0) by copying each in one piece; the stock kernel goes number by number, and fetching a batch with it
 * takes as long as training on it. Other axes stay with the stock kernel.
 */
export function replaceGather(heap: WasmHeap): void {
  replaceKernel('wasm', 'GatherV2', (stock) => (args) => {
    const { x, indices } = args.inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const { axis, batchDims } = args.attrs as { axis: number; batchDims: number };
    if (axis !== 0 || batchDims !== 0 || x.dtype === 'string' || indices.dtype !== 'int32')
      return stock(args);
    const [count, ...row] = x.shape as [number, ...number[]];
    const wrong = heap.int32(indices).find((index) => index < 0 || index >= count);
    if (wrong !== undefined) throw new RangeError(`gather: index ${wrong} is not in [0, ${count}).`);
    const out = heap.output([...indices.shape, ...row], x.dtype);
    const rowBytes = tf.util.sizeFromShape(row) * tf.util.bytesPerElement(x.dtype);
    const [from, to] = [heap.address(x), heap.address(out)];
    const bytes = heap.bytes();
    for (const [i, index] of heap.int32(indices).entries())
      bytes.copyWithin(to + i * rowBytes, from + index * rowBytes, from + (index + 1) * rowBytes);
    return out;
  });
}
