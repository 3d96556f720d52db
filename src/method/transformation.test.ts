import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from './adam.js';
import { clipByGlobalNorm } from './clip.js';
import type { NamedTensors } from './named-tensors.js';
import { addNoise } from './noise.js';
import { annealed, constant } from './schedules.js';
import { sgd } from './sgd.js';
import { tensorsByPath } from './tensor-tree.js';
import { type Chain, chain } from './transformation.js';

/** The updates of some steps on gradients that are the parameters' own start values. */
function updatesOf(own: Chain, gradients: NamedTensors, steps = 3): number[][] {
  let state = own.init(gradients);
  return Array.from({ length: steps }, (_, step) => {
    const result = own.update(gradients, state, tf.scalar(step, 'int32'));
    state = result.state;
    return Object.values(result.updates).flatMap((update) => [...update.dataSync()]);
  });
}

const SMALL = { w: tf.tensor2d([[3, -4]]) };
const LARGE = {
  w: tf.randomNormal([1, 5, 7], 0, 1, 'float32', 1),
  b: tf.randomNormal([1, 7], 0, 1, 'float32', 2),
};

describe('chain', () => {
  it('files every state under its link, kind and name', () => {
    const step = chain(clipByGlobalNorm(1), addNoise(annealed({ eta: 0.3 })), adam());
    expect([...tensorsByPath(step.init(LARGE)).keys()]).toEqual([
      'clipByGlobalNorm/hyper/threshold',
      'addNoise/hyper/eta',
      'addNoise/hyper/gamma',
      'addNoise/tensors/seeds',
      ...['rate', 'beta1', 'beta2', 'epsilon'].map((name) => `adam/hyper/${name}`),
      ...['mean/w', 'mean/b', 'square/w', 'square/b'].map((name) => `adam/slots/${name}`),
    ]);
  });

  it('has every tensor of its state begin with the replica axis', () => {
    const parameters = { w: tf.zeros([3, 5]), b: tf.zeros([3, 2, 2]) };
    const seed = [0, 1, 2];
    const step = chain(clipByGlobalNorm(1), addNoise(annealed({ eta: 0.3 }), { seed }), adam());
    for (const [path, { shape }] of tensorsByPath(step.init(parameters))) expect(shape[0], path).toBe(3);
  });

  it('serves two networks of different sizes at the same time', () => {
    const make = () => chain(clipByGlobalNorm(1), addNoise(annealed({ eta: 0.3 })), adam({ rate: 0.1 }));
    const [small, large] = [updatesOf(make(), SMALL), updatesOf(make(), LARGE)];
    const shared = make();
    let [one, two] = [shared.init(SMALL), shared.init(LARGE)];
    for (let t = 0; t < 3; t++) {
      const step = tf.scalar(t, 'int32');
      const [first, second] = [shared.update(SMALL, one, step), shared.update(LARGE, two, step)];
      expect([...first.updates.w!.dataSync()]).toEqual(small[t]);
      expect(Object.values(second.updates).flatMap((update) => [...update.dataSync()])).toEqual(large[t]);
      [one, two] = [first.state, second.state];
    }
  });

  it('leaves what it holds of a parameter without a gradient as it is', () => {
    const { init, update } = chain(adam());
    const { state } = update(LARGE, init(LARGE), tf.scalar(0, 'int32'));
    const later = update({ b: LARGE.b }, state, tf.scalar(1, 'int32'));
    expect(Object.keys(later.updates)).toEqual(['b']);
    for (const slot of ['mean', 'square']) {
      expect(later.state.adam!.slots![slot]!.w).toBe(state.adam!.slots![slot]!.w);
      expect(later.state.adam!.slots![slot]!.b).not.toBe(state.adam!.slots![slot]!.b);
    }
  });

  it('gives the state back as it was where no link remembers anything', () => {
    const { init, update } = chain(addNoise(constant(1)), sgd(0.1));
    const state = init(SMALL);
    expect([...tensorsByPath(update(SMALL, state, tf.scalar(0, 'int32')).state)]).toEqual([
      ...tensorsByPath(state),
    ]);
  });

  it('takes a chain for its links, and tells links of one name apart', () => {
    const inner = chain(addNoise(constant(1), { seed: 1 }), sgd(0.5));
    const nested = chain(addNoise(constant(1), { seed: 2 }), inner);
    expect(Object.keys(nested.init(SMALL))).toEqual(['addNoise', 'addNoise-2', 'sgd']);
    const flat = chain(addNoise(constant(1), { seed: 2 }), addNoise(constant(1), { seed: 1 }), sgd(0.5));
    expect(updatesOf(nested, SMALL)).toEqual(updatesOf(flat, SMALL));
  });

  it('refuses the state of another chain', () => {
    const state = chain(sgd(0.1)).init(SMALL);
    expect(() => chain(adam()).update(SMALL, state, tf.scalar(0, 'int32'))).toThrow('holds nothing for adam');
  });

  it('refuses parameters without a replica axis, and lists of another length', () => {
    expect(() => chain(sgd(0.1)).init({ w: tf.scalar(1) })).toThrow('leading replica axis');
    expect(() => chain(sgd([0.1, 1])).init(SMALL)).toThrow('rate has 2 values for 1 replicas');
  });
});
