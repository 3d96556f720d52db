import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from '../method/adam.js';
import { rmsprop } from '../method/rmsprop.js';
import { sgd } from '../method/sgd.js';
import { tensorsByPath } from '../method/tensor-tree.js';
import { chain } from '../method/transformation.js';
import { optimiserOf, optimiserStructure } from './chain.js';
import { trainSchema } from './settings.js';

const W = { w: tf.tensor2d([[0.5, -2]]) };

/** Replicas with these settings, of seeds 0, 1, ... */
function replicasOf(...settings: readonly object[]) {
  return settings.map((own, seed) => ({
    seed,
    train: trainSchema.parse({ batchSize: 1, rate: 0.1, ...own }),
  }));
}

/** Hyper-parameters of a state, as lists. */
function numbersOf(state: object): object {
  const hyper = [...tensorsByPath(state)].filter(([path]) => path.includes('/hyper/'));
  return Object.fromEntries(hyper.map(([path, tensor]) => [path, [...tensor.dataSync()]]));
}

describe("a population's optimiser", () => {
  it.each([
    ['sgd', {}, sgd(0.1)],
    ['adam', {}, adam({ rate: 0.1 })],
    [
      'adam',
      { beta1: 0.5, beta2: 0.9, epsilon: 0.1 },
      adam({ rate: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 0.1 }),
    ],
    ['rmsprop', {}, rmsprop({ rate: 0.1 })],
    [
      'rmsprop',
      { decay: 0.5, epsilon: 0.1, momentum: 0.9 },
      rmsprop({ rate: 0.1, decay: 0.5, epsilon: 0.1, momentum: 0.9 }),
    ],
  ])("is the method's own: %s %j", (name, own, link) => {
    const [configured, direct] = [optimiserOf(replicasOf({ optimiser: { name, ...own } })), chain(link)];
    let [state, expected] = [configured.init(W), direct.init(W)];
    expect(numbersOf(state)).toEqual(numbersOf(expected));
    for (let t = 0; t < 3; t++) {
      const step = tf.scalar(t, 'int32');
      const [ours, theirs] = [configured.update(W, state, step), direct.update(W, expected, step)];
      expect(ours.updates.w!.dataSync()).toEqual(theirs.updates.w!.dataSync());
      [state, expected] = [ours.state, theirs.state];
    }
  });

  it('has rate, threshold, noise and its own numbers for each replica', () => {
    const optimiser = optimiserOf(
      replicasOf(
        { rate: 1, clip: { at: 5 }, noise: { eta: 4 }, optimiser: { name: 'rmsprop', decay: 0.5 } },
        { rate: 2, noise: { deviation: 3 }, optimiser: { name: 'rmsprop', momentum: 0.25 } },
        { rate: 4, clip: { at: 8 }, optimiser: { name: 'rmsprop', epsilon: 0.5 } },
      ),
    );
    expect(numbersOf(optimiser.init({ w: tf.zeros([3, 2]) }))).toEqual({
      'clipByGlobalNorm/hyper/threshold': [5, Number.POSITIVE_INFINITY, 8],
      'addNoise/hyper/eta': [4, 9, 0],
      'addNoise/hyper/gamma': [Math.fround(0.55), 0, 0],
      'addNoise/hyper/scale': [1, 1, 1],
      'rmsprop/hyper/rate': [1, 2, 4],
      'rmsprop/hyper/decay': [0.5, 0.9, 0.9].map(Math.fround),
      'rmsprop/hyper/epsilon': [1e-8, 1e-8, 0.5].map(Math.fround),
      'rmsprop/hyper/momentum': [0, 0.25, 0],
    });
  });

  it('has only the links that a replica asks for', () => {
    const links = (...settings: object[]) => optimiserOf(replicasOf(...settings)).links.map(([name]) => name);
    expect(links({}, {})).toEqual(['sgd']);
    expect(links({}, { clip: { at: 1 } })).toEqual(['clipByGlobalNorm', 'sgd']);
    expect(links({ clip: { by: 'tensor-norm', at: 1 } }, {})).toEqual(['clipByNorm', 'sgd']);
    expect(links({ noise: { eta: 1 } }, {})).toEqual(['addNoise', 'sgd']);
  });

  it('is one optimiser for all, and what must be shared tells them apart', () => {
    const replicas = replicasOf({}, { optimiser: { name: 'adam' } }, { clip: { by: 'tensor-norm', at: 1 } });
    expect(() => optimiserOf(replicas)).toThrow('mixes optimisers');
    const structures = replicas.map(({ train }) => JSON.stringify(optimiserStructure(train)));
    expect(new Set(structures).size).toBe(3);
  });
});

describe('the settings of an optimiser', () => {
  it('are complete, and stay as trial ids have them', () => {
    const parse = (optimiser?: object) => replicasOf(optimiser ? { optimiser } : {})[0]!.train;
    expect(parse()).toEqual({
      batchSize: 1,
      optimiser: { name: 'sgd' },
      rate: 0.1,
      clip: 'none',
      noise: 'none',
    });
    expect(parse({ name: 'adam' }).optimiser).toEqual({
      name: 'adam',
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
    expect(parse({ name: 'rmsprop' }).optimiser).toEqual({
      name: 'rmsprop',
      decay: 0.9,
      epsilon: 1e-8,
      momentum: 0,
    });
  });

  it.each([
    { name: 'rmsprop', decay: 1 },
    { name: 'rmsprop', epsilon: 0 },
    { name: 'rmsprop', momentum: 1 },
    { name: 'rmsprop', beta1: 0.9 },
    { name: 'rmsprob' },
  ])('are refused where they make no sense: %j', (optimiser) => {
    expect(() => replicasOf({ optimiser })).toThrow();
  });
});
