import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { exampleOf } from './example.js';
import { stepperOf } from './network.js';
import { networks } from './networks.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

describe.each(Object.entries(networks))('the benchmark of %s', (_, network) => {
  it.each([true, false])(
    'with noise %s trains in lockstep, and keeps nothing of its steps or after its end',
    async (noise) => {
      const before = tf.memory().numTensors;
      const stepper = await stepperOf(network, 2, noise);
      stepper.step();
      const afterOne = tf.memory().numTensors;
      stepper.step();
      await stepper.finish();
      expect(tf.memory().numTensors).toBe(afterOne);
      stepper.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

test('what peers compute with has the form that ops take, also where kernels take a batch in one piece', async () => {
  const before = tf.memory().numTensors;
  const { batch, losses } = await exampleOf(networks['table-qa']!, 2);
  expect(Object.keys(batch)).toEqual(
    expect.arrayContaining(['words', 'lefts', 'numbers', 'values', 'signs', 'perCell']),
  );
  expect(losses).toHaveLength(2);
  expect(tf.getBackend()).toBe('wasm');
  expect(tf.memory().numTensors).toBe(before);
});
