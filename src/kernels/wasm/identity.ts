import { replaceKernel } from '../registry.js';
import type { WasmHeap } from './heap.js';

/** The stock kernel copies, and TensorFlow.js clones every tensor that it saves for a backward pass. */
export function replaceIdentity(heap: WasmHeap): void {
  replaceKernel(
    'wasm',
    'Identity',
    () =>
      ({ inputs }) =>
        heap.alias(inputs.x!),
  );
}
