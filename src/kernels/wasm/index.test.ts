import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, expect, it } from 'vitest';
import { registerWasmKernels, wasmKernels } from './index.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

it('registers its kernels once, however often it is asked', async () => {
  const names = [...wasmKernels, 'BatchMatMul', 'Slice', 'GatherV2', 'Identity'];
  const before = names.map((name) => tf.getKernel(name, 'wasm'));
  expect(before).not.toContain(undefined);
  await registerWasmKernels();
  expect(names.map((name) => tf.getKernel(name, 'wasm'))).toEqual(before);
});
