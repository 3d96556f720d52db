import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { addNoise } from './noise.js';
import { rmsprop } from './rmsprop.js';
import { annealed, scalable } from './schedules.js';
import { sgd } from './sgd.js';
import { mapSlotsOf, replaceHyper } from './state.js';
import { tensorsByPath } from './tensor-tree.js';
import { chain } from './transformation.js';

const PARAMETERS = { w: tf.tensor2d([[1, 2, 3, 4]]), b: tf.tensor2d([[5]]) };
const step = (t: number) => tf.scalar(t, 'int32');

/** Paths of the tensors that are others in the second state. */
function changed(before: object, after: object): string[] {
  const old = tensorsByPath(before);
  return [...tensorsByPath(after)].filter(([path, tensor]) => old.get(path) !== tensor).map(([path]) => path);
}

describe('replaceHyper', () => {
  it.each([
    ['a rate', chain(sgd(0.1)), chain(sgd(0.4)), 'sgd', 'rate', 0.4],
    ["Adam's beta1", chain(adam()), chain(adam({ beta1: 0.5 })), 'adam', 'beta1', 0.5],
    [
      'the variance of noise',
      chain(addNoise(annealed({ eta: 1 }))),
      chain(addNoise(annealed({ eta: 0.01 }))),
      'addNoise',
      'eta',
      0.01,
    ],
  ])(
    'gives %s another value, as if it had been given at the start',
    (_what, own, wanted, link, name, value) => {
      const state = own.init(PARAMETERS);
      const replaced = replaceHyper(state, link, name, tf.tensor1d([value]));
      expect(changed(state, replaced)).toEqual([`${link}/hyper/${name}`]);
      const { updates } = own.update(PARAMETERS, replaced, step(2));
      const expected = wanted.update(PARAMETERS, wanted.init(PARAMETERS), step(2)).updates;
      expect(updates.w!.dataSync()).toEqual(expected.w!.dataSync());
    },
  );

  it('scales the variance of noise that can be scaled', () => {
    const { init, update } = chain(addNoise(scalable(annealed({ eta: 1 }))));
    const zeros = { w: tf.zeros([1, 4]) };
    const state = init(zeros);
    const [whole, quarter] = [1, 0.25].map((scale) => {
      const scaled = replaceHyper(state, 'addNoise', 'scale', tf.tensor1d([scale]));
      return [...update(zeros, scaled, step(3)).updates.w!.dataSync()];
    });
    for (const [i, value] of whole!.entries()) expect(quarter![i]! / value).toBeCloseTo(0.5, 6);
  });

  it('says which hyper-parameters there are where the name is none of them', () => {
    const state = chain(addNoise(annealed({ eta: 1 })), sgd(0.1)).init(PARAMETERS);
    const value = tf.tensor1d([1]);
    for (const [link, name] of [
      ['sgd', 'rat'],
      ['adam', 'rate'],
      ['toString', 'name'],
    ] as const)
      expect(() => replaceHyper(state, link, name, value)).toThrow(
        `no hyper-parameter ${link}.${name}; it has addNoise.eta, addNoise.gamma, sgd.rate`,
      );
  });
});

describe('mapSlotsOf', () => {
  it.each([
    ['sgd', sgd(0.1), []],
    ['adam', adam(), ['mean', 'square']],
    ['rmsprop', rmsprop(), ['square']],
    ['rmsprop with momentum', rmsprop({ momentum: 0.9 }), ['square', 'velocity']],
  ])('reaches every moment that %s keeps of a parameter, and nothing else', (_name, link, slots) => {
    const state = chain(link).init(PARAMETERS);
    const mapped = mapSlotsOf(state, 'w', (t) => tf.add(t, 1));
    expect(changed(state, mapped)).toEqual(slots.map((slot) => `${link.name}/slots/${slot}/w`));
    for (const slot of slots)
      expect([...mapped[link.name]!.slots![slot]!.w!.dataSync()]).toEqual([1, 1, 1, 1]);
  });
});
