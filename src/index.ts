/**
 * The method of "Adding Gradient Noise Improves Learning for Very Deep Networks" as a small library.
 *
 *     import { annealed, withGradientNoise } from 'gnoise';
 *     model.compile({ optimizer: withGradientNoise(tf.train.adam(1e-3), annealed({ eta: 0.3 })), loss });
 */
export { type AdamOptions, adam } from './method/adam.js';
export { applyUpdates } from './method/apply.js';
export { asOptimizer } from './method/as-optimizer.js';
export { clipByGlobalNorm, clipByNorm, globalNorm } from './method/clip.js';
export type { NamedTensors } from './method/named-tensors.js';
export { addNoise } from './method/noise.js';
export { type RmspropOptions, rmsprop } from './method/rmsprop.js';
export { annealed, annealedDeviation, constant, type NoiseSchedule } from './method/schedules.js';
export { sgd } from './method/sgd.js';
export type { ChainState, LinkState } from './method/state.js';
export { type Chain, chain, type GradientTransformation, type PerReplica } from './method/transformation.js';
export { withGradientNoise } from './method/with-gradient-noise.js';
