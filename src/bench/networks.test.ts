import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { networks } from './networks.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

describe.each(Object.entries(networks))('the benchmark of %s', (_, make) => {
  it('trains replicas in lockstep, and keeps nothing of its steps or after its end', async () => {
    const before = tf.memory().numTensors;
    const stepper = make(2);
    stepper.step();
    const afterOne = tf.memory().numTensors;
    stepper.step();
    await stepper.finish();
    expect(tf.memory().numTensors).toBe(afterOne);
    stepper.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
