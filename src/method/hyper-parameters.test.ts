import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import * as gnoise from '../index.js';

const { adam, annealed, chain, cosineDecay, sgd } = gnoise;
const plain = () => tf.train.sgd(0.1);
// Programs in JavaScript are not held up by types.
const missing = undefined as unknown as number;
const text = '0.1' as unknown as number;

describe('an argument that cannot be is refused where it is given, by name', () => {
  it.each<[what: string, make: () => unknown, error: typeof RangeError | typeof TypeError]>([
    ['sgd: rate', () => sgd(-0.1), RangeError],
    ['sgd: rate', () => sgd([0.1, Number.NaN]), RangeError],
    ['sgd: rate', () => sgd(text), TypeError],
    ['momentum: rate', () => gnoise.momentum({ rate: Number.POSITIVE_INFINITY }), RangeError],
    ['momentum: momentum', () => gnoise.momentum({ rate: 0.1, momentum: 1 }), RangeError],
    ['adam: rate', () => adam({ rate: -1 }), RangeError],
    ['adam: beta1', () => adam({ beta1: 1 }), RangeError],
    ['adam: beta2', () => adam({ beta2: -0.1 }), RangeError],
    ['adam: epsilon', () => adam({ epsilon: Number.NaN }), RangeError],
    ['adamw: decay', () => gnoise.adamw({ decay: -1 }), RangeError],
    ['rmsprop: decay', () => gnoise.rmsprop({ decay: 1 }), RangeError],
    ['rmsprop: momentum', () => gnoise.rmsprop({ momentum: -0.5 }), RangeError],
    ['weightDecay: decay', () => gnoise.weightDecay(-1e-4), RangeError],
    ['clipByGlobalNorm: threshold', () => gnoise.clipByGlobalNorm(-1), RangeError],
    ['clipByNorm: threshold', () => gnoise.clipByNorm(Number.NaN), RangeError],
    ['clipByNorm: threshold', () => gnoise.clipByNorm(missing), TypeError],
    ['clipByValue: limit', () => gnoise.clipByValue(-1), RangeError],
    ['annealed: eta', () => annealed({ eta: -1 }), RangeError],
    ['annealed: eta', () => annealed({ eta: Number.POSITIVE_INFINITY }), RangeError],
    ['annealed: eta', () => annealed({} as { eta: number }), TypeError],
    ['annealed: gamma', () => annealed({ eta: 1, gamma: -0.55 }), RangeError],
    ['annealed: gamma', () => annealed({ eta: 1, gamma: Number.NaN }), RangeError],
    ['annealedDeviation: t', () => gnoise.annealedDeviation(1, 0.55, -1), RangeError],
    ['constant: deviation', () => gnoise.constant(-1), RangeError],
    ['addNoise: seed', () => gnoise.addNoise(annealed({ eta: 1 }), { seed: 0.5 }), RangeError],
    ['addNoise: seed', () => gnoise.addNoise(annealed({ eta: 1 }), { seed: [0, -1] }), RangeError],
    ['addNoise: seed', () => gnoise.addNoise(annealed({ eta: 1 }), { seed: 2 ** 28 }), RangeError],
    ['addNoise: seed', () => gnoise.addNoise(annealed({ eta: 1 }), { seed: text }), TypeError],
    ['addNoise: schedule', () => gnoise.addNoise(missing as never), TypeError],
    ['cosineDecay: steps', () => cosineDecay({ from: 0.1, steps: 0 }), RangeError],
    ['exponentialDecay: factor', () => gnoise.exponentialDecay({ from: 1, factor: 0, steps: 1 }), RangeError],
    ['linear: to', () => gnoise.linear({ from: 1, to: -1, steps: 1 }), RangeError],
    ['piecewise: the factor at 10', () => gnoise.piecewise({ from: 1, factors: { 10: -1 } }), RangeError],
    ['piecewise: a step of factors', () => gnoise.piecewise({ from: 1, factors: { [-1]: 1 } }), RangeError],
    ['warmup: steps', () => gnoise.warmup(0, cosineDecay({ from: 1, steps: 1 })), RangeError],
    ['warmup: schedule', () => gnoise.warmup(1, text as never), TypeError],
    ['scheduled: the schedule of rate', () => gnoise.scheduled(adam(), { rate: text as never }), TypeError],
    [
      'scheduled: adam has no hyper-parameter rat',
      () => gnoise.scheduled(adam(), { rat: cosineDecay({ from: 1, steps: 1 }) }),
      RangeError,
    ],
    ['masked: names', () => gnoise.masked(adam(), text as never), TypeError],
    ['chain: part 2', () => chain(sgd(1), missing as never), TypeError],
    ['asOptimizer: step', () => gnoise.asOptimizer(sgd(1), { step: -1 }), RangeError],
    ['chain: part 1', () => gnoise.asOptimizer(missing as never), TypeError],
    [
      'withGradientNoise: the optimiser',
      () => gnoise.withGradientNoise(missing as never, annealed({ eta: 1 })),
      TypeError,
    ],
    [
      'withGradientNoise: step',
      () => gnoise.withGradientNoise(plain(), annealed({ eta: 1 }), { step: 0.5 }),
      RangeError,
    ],
    ['inject: the optimiser', () => gnoise.inject(plain(), 'adam', 'rate', 1), TypeError],
    ['adam: rate', () => gnoise.inject(gnoise.asOptimizer(adam()), 'adam', 'rate', -1), RangeError],
    [
      'no hyper-parameter adam.rat',
      () => gnoise.inject(gnoise.asOptimizer(adam()), 'adam', 'rat', 1),
      RangeError,
    ],
  ])('%s', (what, make, error) => {
    expect(make).toThrow(error);
    expect(make).toThrow(what);
  });

  it('with the value and the place in a list', () => {
    expect(() => sgd([0.1, -2])).toThrow(
      'sgd: rate must be a finite number of at least 0; it is -2 for replica 1.',
    );
  });

  it.each<[string, (optimizer: tf.Optimizer) => unknown]>([
    ['its schedule', (optimizer) => gnoise.withGradientNoise(optimizer, missing as never)],
    ['its seed', (optimizer) => gnoise.withGradientNoise(optimizer, annealed({ eta: 1 }), { seed: -1 })],
    ['its step', (optimizer) => gnoise.withGradientNoise(optimizer, annealed({ eta: 1 }), { step: -1 })],
  ])('and the optimiser is left as it was: %s', (_what, wrap) => {
    const optimizer = plain();
    const { applyGradients } = optimizer;
    expect(() => wrap(optimizer)).toThrow();
    expect(optimizer.applyGradients).toBe(applyGradients);
    expect(gnoise.withGradientNoise(optimizer, annealed({ eta: 1 }))).toBe(optimizer);
  });
});

it('lists with another length than there are replicas are refused when that is known', () => {
  expect(() => adam({ rate: [1, 2] }).init({ w: tf.zeros([3, 1]) })).toThrow(
    'adam: rate has 2 values for 3 replicas; give one number or one each.',
  );
});
