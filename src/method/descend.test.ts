import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { applyUpdates } from './apply.js';
import { clipByGlobalNorm, clipByNorm } from './clip.js';
import { clipByValue } from './clip-by-value.js';
import { descend, type Trained } from './descend.js';
import { mapTensors, type NamedTensors } from './named-tensors.js';
import { addNoise } from './noise.js';
import { against } from './per-replica.js';
import { rmsprop } from './rmsprop.js';
import { annealed } from './schedules.js';
import { sgd } from './sgd.js';
import { type Chain, chain } from './transformation.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});
afterAll(() => tf.setBackend('cpu'));

const R = 3;
const draw = (seed: number) => ({
  w: tf.randomNormal([R, 7, 5], 0, 1, 'float32', seed),
  b: tf.randomNormal([R, 5], 0, 1, 'float32', seed + 1),
  deep: tf.randomNormal([R, 2, 3, 3], 0, 1, 'float32', seed + 2),
});
const noise = (eta: number | number[] = [0.3, 0, 1]) => addNoise(annealed({ eta }), { seed: [4, 5, 6] });

/** `descend` as its parts say it, without a kernel for all of it. */
function composed(
  chained: Chain,
  gradients: NamedTensors,
  { parameters, state }: Trained,
  step: tf.Scalar,
  factor?: tf.Scalar | tf.Tensor1D,
): Trained {
  const { updates, state: next } = chained.update(gradients, state, step, parameters);
  const scaled = factor
    ? mapTensors(updates, (u) => tf.mul(u, factor.rank === 0 ? factor : against(factor, u)))
    : updates;
  return { parameters: applyUpdates(parameters, scaled), state: next };
}

/** The numbers of parameters and state after some steps. */
function trainedFor(
  steps: number,
  chained: Chain,
  move: typeof composed,
  factor?: tf.Scalar | tf.Tensor1D,
  frozen: readonly string[] = [],
): unknown {
  const parameters = draw(1);
  let trained: Trained = { parameters, state: chained.init(parameters) };
  for (let step = 0; step < steps; step++) {
    const gradients = Object.fromEntries(
      Object.entries(draw(10 + step)).filter(([name]) => !frozen.includes(name)),
    );
    trained = move(chained, gradients, trained, tf.scalar(step, 'int32'), factor);
  }
  return JSON.parse(
    JSON.stringify(trained, (_key, value) =>
      value instanceof tf.Tensor ? [...value.dataSync()].map(String) : value,
    ),
  );
}

const CHAINS = {
  'descent alone': [sgd([0.1, 0, 2])],
  'Adam alone': [adam({ rate: [0.1, 0.01, 0.5], epsilon: [1e-8, 0.1, 0] })],
  'noise and descent': [noise(), sgd(0.1)],
  'noise and Adam': [noise(), adam({ rate: 0.1 })],
  'clipping by the global norm, noise and descent': [clipByGlobalNorm([1, Infinity, 0]), noise(), sgd(0.1)],
  "clipping by each tensor's norm, noise and Adam": [
    clipByNorm([0.5, Infinity, 3]),
    noise(),
    adam({ rate: 0.1, beta2: 0.9 }),
  ],
  'clipping and Adam': [clipByGlobalNorm(2), adam({ rate: 0.1 })],
};

describe('descending by one kernel', () => {
  it.each(Object.entries(CHAINS))('has the bits of the links one by one: %s', async (_, links) => {
    const chained = chain(...links);
    expect(trainedFor(4, chained, descend)).toEqual(trainedFor(4, chained, composed));
    const { kernelNames } = await tf.profile(() => {
      trainedFor(1, chained, descend);
      return tf.scalar(0);
    });
    expect(kernelNames.filter((name) => /^Noisy/.test(name))).toHaveLength(1);
    expect(kernelNames).not.toContain('AddStatelessRandomNormalPerReplica');
  });

  it.each([
    ['a number', () => tf.scalar(0.3)],
    ['one for each replica', () => tf.tensor1d([0.3, 1, 0])],
  ])('has them with a factor of the rate, %s', (_, factor) => {
    for (const links of Object.values(CHAINS))
      expect(trainedFor(2, chain(...links), descend, factor())).toEqual(
        trainedFor(2, chain(...links), composed, factor()),
      );
  });

  it('leaves parameters without a gradient as they are, and what is held of them', () => {
    for (const links of Object.values(CHAINS))
      expect(trainedFor(3, chain(...links), descend, undefined, ['b'])).toEqual(
        trainedFor(3, chain(...links), composed, undefined, ['b']),
      );
  });

  it.each([
    ['in another order', [noise(), clipByGlobalNorm(1), sgd(0.1)]],
    ['twice', [noise(), noise(), sgd(0.1)]],
    ['with a link that has no such form', [clipByValue(0.5), noise(), sgd(0.1)]],
    ['before another optimiser', [clipByGlobalNorm(1), rmsprop({ rate: 0.1 })]],
    ['before an optimiser of several links', [adamw({ rate: 0.1 })]],
    ['without an optimiser', [clipByGlobalNorm(1), noise()]],
  ])('is left to the links where they stand %s', async (_, links) => {
    const chained = chain(...links);
    expect(trainedFor(2, chained, descend)).toEqual(trainedFor(2, chained, composed));
  });

  it.each([
    ['fewer entries', [2, 100], [2, 3]],
    ['more entries', [2, 3], [2, 100]],
    ['fewer replicas', [4, 5], [2, 5]],
    ['another rank', [2, 6], [2, 2, 3]],
  ])('refuses a gradient of %s than its parameter', (_, shape, other) => {
    const noisy = addNoise(annealed({ eta: 1 }), { seed: Array.from({ length: shape[0]! }, (_, i) => i) });
    for (const chained of [chain(sgd(0.1)), chain(noisy, sgd(0.1)), chain(adam({ rate: 0.1 }))]) {
      const parameters = { w: tf.zeros(shape) };
      const trained = { parameters, state: chained.init(parameters) };
      const step = tf.scalar(0, 'int32');
      expect(() => descend(chained, { w: tf.ones(other) }, trained, step)).toThrow(/needs/);
    }
  });

  it('keeps NaN and infinities, so that divergence is seen', () => {
    const chained = chain(clipByGlobalNorm(1), noise(), sgd(0.1));
    const parameters = { w: tf.ones([R, 2]) };
    const gradients = {
      w: tf.tensor2d([
        [1, Number.NaN],
        [1, Infinity],
        [1, 1],
      ]),
    };
    const trained = { parameters, state: chained.init(parameters) };
    const run = (move: typeof composed) => [
      ...move(chained, gradients, trained, tf.scalar(0, 'int32')).parameters.w!.dataSync(),
    ];
    expect(run(descend)).toEqual(run(composed));
    expect(run(descend).slice(0, 4).every(Number.isFinite)).toBe(false);
  });
});
