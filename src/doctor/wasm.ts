import type { Check } from './check.js';

/** A module that adds two vectors: it only compiles where WebAssembly has SIMD. */
const simdModule = Uint8Array.of(
  ...[
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
    11,
  ],
);

/** @param tryWasm lets the backend compute, and rejects when it cannot. */
export async function checkWasm(tryWasm: () => Promise<void> = multiply): Promise<Check> {
  const name = 'backend wasm';
  // Node's own types do not declare it.
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { validate(module: Uint8Array): boolean };
  };
  if (!WebAssembly.validate(simdModule)) {
    const text = 'this Node has no WebAssembly SIMD, so its kernels cannot run';
    return { name, status: 'not ok', text, repair: 'use an official build of Node 20, 22 or 24' };
  }
  try {
    await tryWasm();
    return { name, status: 'ok', text: 'computes, with SIMD' };
  } catch (error) {
    const text = `does not compute: ${(error as Error).message}`;
    return { name, status: 'not ok', text, repair: 'npm ci, which restores its files' };
  }
}

/** Lets the WebAssembly backend multiply two numbers. */
async function multiply(): Promise<void> {
  const { openBackend } = await import('../backends/index.js');
  const tf = await import('@tensorflow/tfjs');
  await openBackend({ backend: 'wasm', device: 'auto', threads: 0, verbose: false });
  const [product] = tf.tidy(() => tf.matMul(tf.tensor2d([[2]]), tf.tensor2d([[3]])).dataSync());
  if (product !== 6) throw new Error(`the wasm backend computes 2 x 3 = ${product}`);
}
