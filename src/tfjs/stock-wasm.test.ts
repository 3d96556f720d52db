import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, expect, it } from 'vitest';
import { addNoise } from '../method/noise.js';
import { annealed } from '../method/schedules.js';
import { type Chain, chain, type GradientTransformation } from '../method/transformation.js';
import { end, optimizers } from './optimizers.test-helper.js';

// No kernel of ours is registered here.

afterAll(() => tf.setBackend('cpu'));

it.each(Object.entries(optimizers))('%s leads where it leads on cpu, to 1e-6', async (_name, make) => {
  await tf.setBackend('cpu');
  const expected = await end(make());
  await tf.setBackend('wasm');
  const found = await end(make());
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
