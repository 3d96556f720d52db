import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from './index.js';

type Run = (args: object) => tf.TensorInfo;

/** Bits of a kernel's results for numbers of these bits; any NaN as the same one. */
function bitsOf(run: Run, bits: Uint32Array): Int32Array {
  const x = tf.tensor1d(new Float32Array(bits.slice().buffer));
  const y = tf.engine().makeTensorFromTensorInfo(run({ inputs: { x }, attrs: {}, backend: tf.backend() }));
  const results = y.dataSync<'float32'>().map((result) => (Number.isNaN(result) ? Number.NaN : result));
  tf.dispose([x, y]);
  return new Int32Array(results.buffer);
}

describe('tf.tanh on the wasm backend', () => {
  let stock: Run;

  beforeAll(async () => {
    await tf.setBackend('wasm');
    stock = tf.getKernel('Tanh', 'wasm')!.kernelFunc as unknown as Run;
    await registerWasmKernels();
  });

  const numbersOf = (count: number, bits: (i: number) => number) =>
    Uint32Array.from({ length: count }, (_, i) => bits(i));

  it.each([
    ['all magnitudes', numbersOf(500_003, (i) => i * 8589)],
    ['0.1 to 10', numbersOf(500_003, (i) => 0x3dcccccd + i * 111)],
    [
      'where the formula changes',
      numbersOf(
        70_000,
        (i) =>
          [0x800000, 0x33000000, 0x3e317218, 0x3e82c578, 0x3f0c9f54, 0x3f051592, 0x41200000][i % 7]! -
          5000 +
          Math.floor(i / 7),
      ),
    ],
  ])('has the bits of the stock kernel: %s, and their negatives', (_, bits) => {
    const own = tf.getKernel('Tanh', 'wasm')!.kernelFunc as unknown as Run;
    expect(own).not.toBe(stock);
    for (const sign of [0, 0x80000000]) {
      const signed = bits.map((word) => word | sign);
      expect(
        Buffer.compare(Buffer.from(bitsOf(own, signed).buffer), Buffer.from(bitsOf(stock, signed).buffer)),
      ).toBe(0);
    }
  });
});
