import type * as tf from '@tensorflow/tfjs-core';
import type { SingleNetwork } from './single-network.js';

/** What is at work in the optimisers that this library made or changed. */
export const networks = new WeakMap<tf.Optimizer, SingleNetwork>();

/**
 * Gives a hyper-parameter of an optimiser another value from the next update on, as Optax's `inject_hyperparams` allows:
 *
 *     const optimizer = withGradientNoise(tf.train.adam(), scalable(annealed({ eta: 0.3 })));
 *     inject(optimizer, 'addNoise', 'scale', errorRate);
 *
 * In a loop of your own, {@link replaceHyper} does it to the state of a chain.
 * @param link name of the link, such as `adam`, or `addNoise-2` for the second of that name.
 * @throws TypeError if the optimiser comes neither from {@link asOptimizer} nor from {@link withGradientNoise}, RangeError if it
 *   has no such hyper-parameter or if that cannot have the value.
 */
export function inject(optimizer: tf.Optimizer, link: string, name: string, value: number): void {
  const network = networks.get(optimizer);
  if (!network) throw new TypeError('inject: the optimiser must come from asOptimizer or withGradientNoise.');
  network.inject(link, name, value);
}
