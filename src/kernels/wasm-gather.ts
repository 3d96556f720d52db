import * as tf from '@tensorflow/tfjs';
import type { WasmHeap } from './wasm-heap.js';

/**
 * Gathers rows (axis 0) by copying each in one piece; the stock kernel goes number by number, and fetching a batch with it
 * takes as long as training on it. Other axes stay with the stock kernel.
 */
export function registerGather(heap: WasmHeap): void {
  const stock = tf.getKernel('GatherV2', 'wasm')?.kernelFunc;
  if (!stock) throw new Error('The wasm backend has no GatherV2 kernel to fall back to.');
  heap.register('GatherV2', (args) => {
    const { x, indices } = args.inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
    const { axis, batchDims } = args.attrs as { axis: number; batchDims: number };
    if (axis !== 0 || batchDims !== 0 || x.dtype === 'string' || indices.dtype !== 'int32')
      return stock(args as unknown as Parameters<tf.KernelFunc>[0]);
    const [count, ...row] = x.shape as [number, ...number[]];
    const out = heap.output([...indices.shape, ...row], x.dtype);
    const rowBytes = tf.util.sizeFromShape(row) * tf.util.bytesPerElement(x.dtype);
    const bytes = heap.bytes();
    const chosen = heap.int32(indices);
    const [from, to] = [heap.address(x), heap.address(out)];
    for (const [i, index] of chosen.entries()) {
      if (index < 0 || index >= count)
        throw new RangeError(`gather: index ${index} is not in [0, ${count}).`);
      bytes.copyWithin(to + i * rowBytes, from + index * rowBytes, from + (index + 1) * rowBytes);
    }
    return out;
  });
}
