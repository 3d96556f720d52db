import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, beforeEach } from 'vitest';
import { registerWasmKernels } from './index.js';

/** Begins every test of a file on the wasm backend with its kernels, wherever the one before ended. */
export function useWasm(): void {
  beforeAll(async () => {
    await tf.setBackend('wasm');
    await registerWasmKernels();
  });
  beforeEach(async () => {
    await tf.setBackend('wasm');
  });
}
