import * as tf from '@tensorflow/tfjs-core';
import { adam } from '../method/adam.js';
import { clipByGlobalNorm, clipByNorm } from '../method/clip.js';
import { addNoise } from '../method/noise.js';
import { annealed } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { chain } from '../method/transformation.js';
import { asOptimizer } from './as-optimizer.js';
import { withGradientNoise } from './with-gradient-noise.js';

const noise = () => addNoise(annealed({ eta: 0.1 }), { seed: 3 });

/** Optimisers that must lead to the same place on every backend, whoever opened it. */
export const optimizers: { readonly [name: string]: () => tf.Optimizer } = {
  'noise and nothing else': () => asOptimizer(noise()),
  'the paper’s step': () => asOptimizer(chain(clipByGlobalNorm(1), noise(), sgd(0.1))),
  'the same with Adam': () => asOptimizer(chain(clipByGlobalNorm(1), noise(), adam({ rate: 0.1 }))),
  'clipping by tensor': () => asOptimizer(chain(clipByNorm(0.5), noise())),
  'a noisy descent': () => withGradientNoise(tf.train.sgd(0.1), annealed({ eta: 0.1 }), { seed: 3 }),
  'a noisy Adam': () => withGradientNoise(tf.train.adam(0.1), annealed({ eta: 0.1 }), { seed: 3 }),
};

/** Where five updates lead. Numbers are asked for as WebGPU wants it: its `dataSync` goes through a picture. */
export async function end(optimizer: tf.Optimizer): Promise<number[]> {
  // Starts that are exact everywhere; `linspace` is not.
  const start = Array.from({ length: 37 }, (_, i) => (i - 18) / 16);
  const [a, b] = [tf.variable(tf.tensor1d(start)), tf.variable(tf.ones([3, 5]))];
  const loss = () => tf.add(tf.sum(tf.square(a)), tf.sum(tf.square(b))) as tf.Scalar;
  for (let i = 0; i < 5; i++) optimizer.minimize(loss, false, [a, b]);
  return [...(await a.data()), ...(await b.data())];
}

/** A thousand draws of annealed noise at each of some updates. */
export async function draws(): Promise<number[]> {
  const { init, update } = chain(addNoise(annealed({ eta: 1 }), { seed: 3 }));
  const zeros = { w: tf.zeros([1, 1000]) };
  const at = (step: number) => update(zeros, init(zeros), tf.scalar(step, 'int32')).updates.w!.data();
  const values = await Promise.all([0, 1, 2, 1000].map(at));
  return values.flatMap((row) => [...row]);
}
