/**
 * The method of "Adding Gradient Noise Improves Learning for Very Deep Networks" as a small library.
 *
 *     import { annealed, withGradientNoise } from 'gnoise';
 *     model.compile({ optimizer: withGradientNoise(tf.train.adam(1e-3), annealed({ eta: 0.3 })), loss });
 */
export { type AdamOptions, adam } from './method/adam.js';
export { applyUpdates } from './method/apply.js';
export { clipByGlobalNorm, clipByNorm, globalNorm } from './method/clip.js';
export { addNoise } from './method/noise.js';
export { asOptimizer } from './method/optimizer.js';
export { annealed, annealedDeviation, constant, type NoiseSchedule } from './method/schedules.js';
export { sgd } from './method/sgd.js';
export { chain, type GradientTransformation, type PerReplica } from './method/transformation.js';
export { withGradientNoise } from './method/with-gradient-noise.js';
