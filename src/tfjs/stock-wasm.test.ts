import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, expect, it } from 'vitest';
import { adam } from '../method/adam.js';
import { clipByGlobalNorm, clipByNorm } from '../method/clip.js';
import { addNoise } from '../method/noise.js';
import { annealed } from '../method/schedules.js';
import { type Chain, chain, type GradientTransformation } from '../method/transformation.js';
import { asOptimizer } from './as-optimizer.js';
import { withGradientNoise } from './with-gradient-noise.js';

// No kernel of ours is registered here.

const noise = () => addNoise(annealed({ eta: 0.1 }), { seed: 3 });
const optimizers: [string, () => tf.Optimizer][] = [
  ['noise and nothing else', () => asOptimizer(noise())],
  ['the paper’s step', () => asOptimizer(chain(clipByGlobalNorm(1), noise(), adam({ rate: 0.1 })))],
  ['clipping by tensor', () => asOptimizer(chain(clipByNorm(0.5), noise()))],
  ['a noisy Adam', () => withGradientNoise(tf.train.adam(0.1), annealed({ eta: 0.1 }), { seed: 3 })],
];

/** Where five updates lead. */
function end(optimizer: tf.Optimizer): number[] {
  const [a, b] = [tf.variable(tf.linspace(-1, 1, 37)), tf.variable(tf.ones([3, 5]))];
  const loss = () => tf.add(tf.sum(tf.square(a)), tf.sum(tf.square(b))) as tf.Scalar;
  for (let i = 0; i < 5; i++) optimizer.minimize(loss, false, [a, b]);
  return [...a.dataSync(), ...b.dataSync()];
}

afterAll(() => tf.setBackend('cpu'));

it.each(optimizers)('%s leads where it leads on cpu, to 1e-6', async (_name, make) => {
  await tf.setBackend('cpu');
  const expected = end(make());
  await tf.setBackend('wasm');
  const found = end(make());
  for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
});

it('a population’s noise is that of each replica alone', async () => {
  await tf.setBackend('wasm');
  const drawn = (link: GradientTransformation | Chain, replicas: number) => {
    const { init, update } = chain(link);
    const zeros = { w: tf.zeros([replicas, 7]) };
    return [...update(zeros, init(zeros), tf.scalar(4, 'int32')).updates.w!.dataSync()];
  };
  const seeds = [5, 6, 7];
  const alone = seeds.flatMap((seed) => drawn(addNoise(annealed({ eta: 1 }), { seed: [seed] }), 1));
  expect(drawn(addNoise(annealed({ eta: 1 }), { seed: seeds }), 3)).toEqual(alone);
});
