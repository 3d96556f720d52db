/**
 * The method of "Adding Gradient Noise Improves Learning for Very Deep Networks" as a small library for TensorFlow.js.
 *
 *     import { annealed, withGradientNoise } from 'gnoise-tfjs';
 *     model.compile({ optimizer: withGradientNoise(tf.train.adam(1e-3), annealed({ eta: 0.3 })), loss });
 *
 * @packageDocumentation
 */
export { type AdamOptions, adam } from './method/adam.js';
export { type AdamWOptions, adamw } from './method/adamw.js';
export { applyUpdates } from './method/apply.js';
export { clipByGlobalNorm, clipByNorm, globalNorm } from './method/clip.js';
export { clipByValue } from './method/clip-by-value.js';
export type { Config, Configured, ConfigValue } from './method/config.js';
export type { PerReplica, Range } from './method/hyper-parameters.js';
export { masked, type Names } from './method/masked.js';
export { type MomentumOptions, momentum } from './method/momentum.js';
export type { NamedTensors } from './method/named-tensors.js';
export { addNoise } from './method/noise.js';
export {
  cosineDecay,
  exponentialDecay,
  linear,
  piecewise,
  type Schedule,
  warmup,
} from './method/rate-schedules.js';
export { type RmspropOptions, rmsprop } from './method/rmsprop.js';
export { type Schedules, scheduled } from './method/scheduled.js';
export { annealed, annealedDeviation, constant, type NoiseSchedule, scalable } from './method/schedules.js';
export { sgd } from './method/sgd.js';
export { type ChainState, type LinkState, replaceHyper } from './method/state.js';
export { disposeTree } from './method/tensor-tree.js';
export { type Chain, chain, type GradientTransformation, transformation } from './method/transformation.js';
export { weightDecay } from './method/weight-decay.js';
export { asOptimizer, type ChainOptimizer } from './tfjs/as-optimizer.js';
export { registerMaker } from './tfjs/configs.js';
export { inject } from './tfjs/inject.js';
export { type GradientNoiseOptions, withGradientNoise } from './tfjs/with-gradient-noise.js';
