import * as tf from '@tensorflow/tfjs';
import type { Json } from '../json.js';
import { adam } from '../method/adam.js';
import { clipByGlobalNorm, clipByNorm } from '../method/clip.js';
import { addNoise } from '../method/noise.js';
import { annealed, scalable } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { chain, type GradientTransformation } from '../method/transformation.js';
import type { TrainSettings } from './settings.js';

/** One replica's seed and optimiser settings. */
export interface OptimiserReplica {
  readonly seed: number;
  readonly train: TrainSettings;
}

/** Which optional links a population's chain has. */
export interface Links {
  readonly clip: boolean;
  readonly noise: boolean;
}

/** A link that no replica asks for is left out. */
export function linksOf(replicas: readonly OptimiserReplica[]): Links {
  return {
    clip: replicas.some(({ train }) => train.clip !== 'none'),
    noise: replicas.some(({ train }) => train.noise !== 'none'),
  };
}

/**
 * The paper's step for a population: clip, then noise, then the optimiser [GN section 3]. Where only some replicas ask
 * for a link, the others pass it with a threshold of infinity or a deviation of 0, which leave a gradient unchanged
 * bit for bit.
 *
 * All replicas must agree on `optimiserStructure`; rate, threshold, noise and Adam's numbers are per replica.
 */
export function optimiserOf(
  replicas: readonly OptimiserReplica[],
  links: Links = linksOf(replicas),
): GradientTransformation {
  const each = <T>(pick: (train: TrainSettings) => T): T[] => replicas.map(({ train }) => pick(train));
  const steps: GradientTransformation[] = [];
  if (links.clip) {
    const thresholds = each(({ clip }) => (clip === 'none' ? Number.POSITIVE_INFINITY : clip.at));
    steps.push(clipBy(replicas) === 'tensor-norm' ? clipByNorm(thresholds) : clipByGlobalNorm(thresholds));
  }
  if (links.noise) {
    const schedule = annealed({ eta: each(varianceAtStart), gamma: each(decayOfVariance) });
    steps.push(addNoise(scalable(schedule), { seed: replicas.map(({ seed }) => seed) }));
  }
  return chain(...steps, lastLink(replicas, each));
}

/** What replicas of one population must have in common, so that one chain serves them all. */
export function optimiserStructure({ optimiser, clip }: TrainSettings): Json {
  return { optimiser: optimiser.name, clipBy: clip === 'none' ? 'global-norm' : clip.by };
}

/** Tensors of Adam's state before its moments: rate, beta1, beta2, epsilon. */
const ADAM_NUMBERS = 4;

/**
 * Where Adam's moments of the first parameter stand in a population's state: the means of all parameters lie together,
 * then the squares. Adam is the chain's last link, so all is counted from the end.
 */
export function adamMoments(stateLength: number, parameters: number): { means: number; squares: number } {
  return { means: stateLength - 2 * parameters, squares: stateLength - parameters };
}

/**
 * A population's state with the variance of its noise multiplied by these factors, in place of those it had; for chains
 * of noise and Adam.
 * @param scales one per replica
 */
export function withNoiseScale(
  state: readonly tf.Tensor[],
  parameters: number,
  scales: readonly number[],
): tf.Tensor[] {
  const index = adamMoments(state.length, parameters).means - ADAM_NUMBERS - 1;
  return state.map((t, i) => (i === index ? tf.tensor1d([...scales]) : t));
}

function clipBy(replicas: readonly OptimiserReplica[]): 'global-norm' | 'tensor-norm' {
  const clip = replicas.map(({ train }) => train.clip).find((c) => c !== 'none');
  return clip?.by ?? 'global-norm';
}

function varianceAtStart({ noise }: TrainSettings): number {
  if (noise === 'none') return 0;
  return 'eta' in noise ? noise.eta : noise.deviation ** 2;
}

/** Noise of one size is the annealed schedule with an exponent of 0. */
function decayOfVariance({ noise }: TrainSettings): number {
  return noise !== 'none' && 'eta' in noise ? noise.gamma : 0;
}

function lastLink(
  replicas: readonly OptimiserReplica[],
  each: <T>(pick: (train: TrainSettings) => T) => T[],
): GradientTransformation {
  const rate = each((train) => train.rate);
  if (replicas[0]!.train.optimiser.name === 'sgd') return sgd(rate);
  const number = (name: 'beta1' | 'beta2' | 'epsilon') =>
    each(({ optimiser }) => {
      if (optimiser.name !== 'adam')
        throw new Error('A population mixes optimisers; its structure must not.');
      return optimiser[name];
    });
  return adam({ rate, beta1: number('beta1'), beta2: number('beta2'), epsilon: number('epsilon') });
}
