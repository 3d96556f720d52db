import { readFile } from 'node:fs/promises';
import type { KernelFunctions } from '../functions.js';
import { chosenKernels, openNativeFunctions } from '../native/addon.js';
import type { WasmMemory } from './heap.js';

// The compiler's `es2023` library leaves WebAssembly to the `dom` one, which does not belong in a program for Node.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
};

/** From src/kernels/wasm as from dist/kernels/wasm; scripts/build-kernels.js leaves it there. */
const MODULE = new URL('../../../dist/kernels/gnoise.wasm', import.meta.url);

/**
 * The functions that all kernels of the wasm backend are made of: those of src/kernels/assembly, or the native ones that the
 * user wants and this machine has, which give the same results.
 * @param memory the backend's WebAssembly.Memory, which they share.
 * @returns the functions, and which they are: `wasm` or the name of an instruction set.
 */
export async function loadFunctions(
  memory: WasmMemory,
): Promise<{ functions: KernelFunctions; kernels: string }> {
  const kernels = chosenKernels();
  const { instance } = await WebAssembly.instantiate(await readFile(MODULE), { env: { memory } });
  const { WORKSPACE_BYTES, ...wasm } = instance.exports as Omit<KernelFunctions, 'WORKSPACE_BYTES'> & {
    readonly WORKSPACE_BYTES: { readonly value: number };
  };
  const native = kernels === 'wasm' ? {} : openNativeFunctions(kernels, memory);
  return { functions: { ...wasm, ...native, WORKSPACE_BYTES: WORKSPACE_BYTES.value }, kernels };
}
