import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { applyUpdates } from './apply.js';
import { clipByGlobalNorm } from './clip.js';
import { clipByValue } from './clip-by-value.js';
import { masked } from './masked.js';
import { momentum } from './momentum.js';
import type { NamedTensors } from './named-tensors.js';
// Made by optax-numbers.py, which stands beside it.
import numbers from './optax-numbers.json' with { type: 'json' };
import { cosineDecay, exponentialDecay, linear, piecewise, type Schedule, warmup } from './rate-schedules.js';
import { rmsprop } from './rmsprop.js';
import { scheduled } from './scheduled.js';
import { sgd } from './sgd.js';
import { type Chain, chain, type GradientTransformation } from './transformation.js';
import { weightDecay } from './weight-decay.js';

const STEPS = 5;
const START = { kernel: tf.tensor2d([[1, -2, 3]]), bias: tf.tensor2d([[0.5]]) };

/** Those of optax-numbers.py. */
function gradients(t: number): NamedTensors {
  const sign = (-1) ** t;
  return {
    kernel: tf.tensor2d([[0.5 * (t + 1), -1, 3 * sign]]),
    bias: tf.tensor2d([[0.2 * (t + 2) * sign]]),
  };
}

/** The updates of every step; the parameters follow them. */
function updatesOf(transformation: GradientTransformation | Chain): number[][] {
  const { init, update } = chain(transformation);
  let [parameters, state] = [START as NamedTensors, init(START)];
  return Array.from({ length: STEPS }, (_, t) => {
    const result = update(gradients(t), state, tf.scalar(t, 'int32'), parameters);
    parameters = applyUpdates(parameters, result.updates);
    state = result.state;
    return [...result.updates.kernel!.dataSync(), ...result.updates.bias!.dataSync()];
  });
}

const cosine = () => cosineDecay({ from: 0.1, to: 0.005, steps: 10 });

const transformations: { [N in keyof typeof numbers.updates]: GradientTransformation | Chain } = {
  sgd: sgd(0.1),
  momentum: momentum({ rate: 0.1 }),
  nesterov: momentum({ rate: 0.1, momentum: 0.8, nesterov: true }),
  adam: adam({ rate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }),
  adamw: adamw({ rate: 0.1, decay: 0.05 }),
  'adamw, kernels only': chain(
    masked(adamw({ rate: 0.1, decay: 0.05 }), /kernel/),
    masked(adam({ rate: 0.1 }), ['bias']),
  ),
  rmsprop: rmsprop({ rate: 0.1 }),
  'rmsprop with momentum': rmsprop({ rate: 0.1, momentum: 0.5 }),
  'clipped by value': chain(clipByValue(0.7), sgd(0.1)),
  'clipped by global norm': chain(clipByGlobalNorm(2), sgd(0.1)),
  'weight decay': chain(weightDecay(0.05), sgd(0.1)),
  'masked weight decay': chain(
    masked(weightDecay(0.05), (name) => name === 'kernel'),
    sgd(0.1),
  ),
  'scheduled sgd': scheduled(sgd(0), { rate: cosine() }),
  'scheduled beta1': scheduled(adam({ rate: 0.1 }), { beta1: linear({ from: 0.5, to: 0.9, steps: 3 }) }),
};

describe('what Optax computes', () => {
  it.each(Object.entries(transformations))('is what this computes: %s', (name, transformation) => {
    const expected = numbers.updates[name as keyof typeof numbers.updates];
    for (const [t, row] of updatesOf(transformation).entries())
      for (const [i, value] of row.entries()) expect(value, `update ${t}`).toBeCloseTo(expected[t]![i]!, 5);
  });
});

describe('a schedule', () => {
  const STEPS = [0, 1, 5, 9, 10, 11, 25, 100];
  const schedules: { [N in keyof typeof numbers.schedules]: Schedule } = {
    exponentialDecay: exponentialDecay({ from: 0.1, factor: 0.5, steps: 10 }),
    cosineDecay: cosine(),
    linear: linear({ from: 0.1, to: 0.02, steps: 10 }),
    piecewise: piecewise({ from: 0.1, factors: { 10: 0.1, 25: 0.5 } }),
    // Optax counts the line in: 15 steps in all.
    warmup: warmup(5, cosineDecay({ from: 0.1, to: 0.01, steps: 10 })),
  };

  it.each(Object.entries(schedules))('%s has the values of Optax', (name, { init, value }) => {
    const expected = numbers.schedules[name as keyof typeof numbers.schedules];
    for (const [i, step] of STEPS.entries())
      expect(value(tf.scalar(step), init(1)).dataSync()[0], `at ${step}`).toBeCloseTo(expected[i]!, 7);
  });

  it('has numbers for each replica', () => {
    const { init, value } = warmup([1, 4], linear({ from: [1, 2], to: 0, steps: [2, 4] }));
    expect([...value(tf.scalar(2), init(2)).dataSync()]).toEqual([0.5, 1]);
  });
});
