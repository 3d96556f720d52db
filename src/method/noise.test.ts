import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { openBackend } from '../backends/index.js';
import { applyUpdates } from './apply.js';
import { clipByGlobalNorm } from './clip.js';
import type { NamedTensors } from './named-tensors.js';
import { addNoise } from './noise.js';
import { annealed, annealedDeviation, constant } from './schedules.js';
import { sgd } from './sgd.js';
import { type Chain, chain, type GradientTransformation } from './transformation.js';

const SHAPES = [
  [1, 40, 50],
  [1, 40, 50],
  [1, 7],
];

/** Under the names p0, p1, ... */
function named(tensors: readonly tf.Tensor[]): NamedTensors {
  return Object.fromEntries(tensors.map((tensor, i) => [`p${i}`, tensor]));
}

/** The updates of one step on the given gradients. */
function updatesOf(
  transformation: GradientTransformation | Chain,
  gradients: readonly tf.Tensor[],
  step = 0,
): Float32Array[] {
  const { init, update } = chain(transformation);
  return tf.tidy(() => {
    const { updates } = update(named(gradients), init(named(gradients)), tf.scalar(step, 'int32'));
    return Object.values(updates).map((u) => u.dataSync() as Float32Array);
  });
}

const zeros = () => SHAPES.map((shape) => tf.zeros(shape));
const gradientsOf = (seed: number) =>
  SHAPES.map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', seed + i));
const deviationOf = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

describe('addNoise', () => {
  it('follows eta / (1 + t)^gamma in variance at every step', () => {
    for (const step of [0, 1, 2, 10, 100, 1000, 50_000]) {
      const [noise] = updatesOf(addNoise(annealed({ eta: 0.3 })), zeros(), step);
      // Deviation of 2,000 draws: four standard errors are 4 / sqrt(2 * 2,000) = 6.3%.
      expect(deviationOf(noise!) / annealedDeviation(0.3, 0.55, step)).toBeCloseTo(1, 1);
    }
  });

  it('scales the same draws by the schedule: noise over unit noise is the standard deviation', () => {
    const step = 999;
    const unit = updatesOf(addNoise(constant(1), { seed: 5 }), zeros(), step);
    const annealedNoise = updatesOf(addNoise(annealed({ eta: 0.01 }), { seed: 5 }), zeros(), step);
    const ratio = annealedNoise[0]!.map((v, i) => v / unit[0]![i]!);
    for (const r of ratio) expect(r).toBeCloseTo(0.0149624, 6);
  });

  it('has mean 0 over a million draws', () => {
    const [noise] = updatesOf(addNoise(constant(2)), [tf.zeros([1, 1_000_000])]);
    expect(Math.abs(noise!.reduce((sum, v) => sum + v, 0) / 1e6)).toBeLessThan((4 * 2) / 1000);
    expect(deviationOf(noise!) ** 2 / 4).toBeCloseTo(1, 2);
  });

  it('draws anew for every tensor, step and seed', () => {
    const draws = [
      ...updatesOf(addNoise(constant(1), { seed: 0 }), zeros(), 0).slice(0, 2),
      updatesOf(addNoise(constant(1), { seed: 0 }), zeros(), 1)[0]!,
      updatesOf(addNoise(constant(1), { seed: 1 }), zeros(), 0)[0]!,
    ];
    for (const [i, a] of draws.entries())
      for (const b of draws.slice(i + 1)) {
        const product = a.reduce((sum, v, k) => sum + v * b[k]!, 0) / a.length;
        expect(Math.abs(product)).toBeLessThan(4 / Math.sqrt(a.length));
      }
  });

  it('gives the same numbers for the same seed and step, seed 0 included', () => {
    const once = updatesOf(addNoise(constant(1), { seed: 0 }), zeros(), 3);
    const again = updatesOf(addNoise(constant(1), { seed: 0 }), zeros(), 3);
    expect(again).toEqual(once);
  });

  it('leaves the gradient bit for bit where eta is 0', () => {
    const gradients = gradientsOf(1);
    const plain = updatesOf(chain(clipByGlobalNorm(1), sgd(0.1)), gradients, 7);
    const silent = updatesOf(
      chain(clipByGlobalNorm(1), addNoise(annealed({ eta: 0 })), sgd(0.1)),
      gradients,
      7,
    );
    for (const [i, values] of silent.entries())
      expect(new Uint32Array(values.buffer)).toEqual(new Uint32Array(plain[i]!.buffer));
  });

  it('moves parameters by -rate * noise where the gradient is 0', () => {
    const noise = updatesOf(addNoise(constant(1), { seed: 9 }), zeros());
    const parameters = gradientsOf(3);
    const before = parameters.map((p) => p.dataSync());
    const updates = updatesOf(chain(addNoise(constant(1), { seed: 9 }), sgd(0.5)), zeros());
    const moved = applyUpdates(named(parameters), named(updates.map((u, i) => tf.tensor(u, SHAPES[i]))));
    for (const [i, p] of Object.values(moved).entries())
      for (const [k, value] of p.dataSync().entries())
        expect(value).toBeCloseTo(before[i]![k]! - 0.5 * noise[i]![k]!, 5);
  });

  it('comes after clipping: the noise is not clipped', () => {
    const huge = SHAPES.map((shape) => tf.fill(shape, 1e6));
    const [first] = updatesOf(chain(clipByGlobalNorm(1e-6), addNoise(constant(1)), sgd(1)), huge);
    expect(deviationOf(first!)).toBeCloseTo(1, 1);
  });

  it('comes before the learning rate: ten times the rate is ten times the noise', () => {
    const slow = updatesOf(chain(addNoise(constant(1)), sgd(0.01)), zeros());
    const fast = updatesOf(chain(addNoise(constant(1)), sgd(0.1)), zeros());
    for (const [k, value] of fast[0]!.entries()) expect(value).toBeCloseTo(10 * slow[0]![k]!, 6);
  });

  it('gives a replica the same noise alone and in a population', () => {
    const alone = updatesOf(addNoise(constant(1), { seed: [4] }), [tf.zeros([1, 6]), tf.zeros([1, 3, 3])]);
    const among = updatesOf(addNoise(constant([2, 1, 0]), { seed: [3, 4, 5] }), [
      tf.zeros([3, 6]),
      tf.zeros([3, 3, 3]),
    ]);
    expect([...among[0]!.slice(6, 12)]).toEqual([...alone[0]!]);
    expect([...among[1]!.slice(9, 18)]).toEqual([...alone[1]!]);
    expect(deviationOf(among[1]!.slice(18))).toBe(0);
  });

  it.each(['cpu', 'wasm'] as const)(
    'gives a parameter its draws by name, in whatever order gradients come and whichever are missing, on %s',
    async (backend) => {
      await openBackend({ backend, device: 'cpu', threads: 0, verbose: false });
      const { init, update } = chain(addNoise(constant(1), { seed: 2 }));
      const zero = named(zeros());
      const state = init(zero);
      const all = update(zero, state, tf.scalar(5, 'int32')).updates;
      const some = update({ p2: zero.p2!, p1: zero.p1! }, state, tf.scalar(5, 'int32')).updates;
      expect(Object.keys(some)).toEqual(['p2', 'p1']);
      for (const name of ['p1', 'p2']) expect(some[name]!.dataSync()).toEqual(all[name]!.dataSync());
      await tf.setBackend('cpu');
    },
  );

  it('refuses a gradient that its state does not know, by name', () => {
    const { init, update } = chain(addNoise(constant(1)));
    const state = init({ w: tf.zeros([1, 3]) });
    expect(() => update({ b: tf.zeros([1, 3]) }, state, tf.scalar(0, 'int32'))).toThrow(
      'a gradient of "b", but the state was made for the parameters w',
    );
  });

  it('refuses one seed for several replicas', () => {
    expect(() => addNoise(constant(1)).init({ w: tf.zeros([2, 3]) })).toThrow('1 seeds for 2 replicas');
  });
});
