import { readFile } from 'node:fs/promises';
import type { KernelFunctions } from '../functions.js';

// The compiler's `es2023` library leaves WebAssembly to the `dom` one, which does not belong in a program for Node.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
};

/** From src/kernels/wasm as from dist/kernels/wasm; scripts/build-kernels.js leaves it there. */
const MODULE = new URL('../../../dist/kernels/gnoise.wasm', import.meta.url);

/**
 * The functions that all kernels of the wasm backend are made of: those of src/kernels/assembly.
 * @param memory the backend's WebAssembly.Memory, which they share.
 */
export async function loadFunctions(memory: object): Promise<KernelFunctions> {
  const { instance } = await WebAssembly.instantiate(await readFile(MODULE), { env: { memory } });
  const { WORKSPACE_BYTES, ...functions } = instance.exports as Omit<KernelFunctions, 'WORKSPACE_BYTES'> & {
    readonly WORKSPACE_BYTES: { readonly value: number };
  };
  return { ...functions, WORKSPACE_BYTES: WORKSPACE_BYTES.value };
}
