import type { Json } from '../json.js';
import { clipByGlobalNorm, clipByNorm } from '../method/clip.js';
import { addNoise } from '../method/noise.js';
import { annealed, scalable } from '../method/schedules.js';
import { type Chain, chain, type GradientTransformation } from '../method/transformation.js';
import { optimiserLink } from './optimisers.js';
import type { TrainSettings } from './settings.js';

/** One replica's seed and optimiser settings. */
export interface OptimiserReplica {
  readonly seed: number;
  readonly train: TrainSettings;
}

/**
 * The paper's step for a population: clip, then noise, then the optimiser [GN section 3]. A link that no replica asks for
 * is left out. Where only some ask for it, the others pass it with a threshold of infinity or a deviation of 0, which leave
 * a gradient unchanged bit for bit: so any of them can go on without the others.
 *
 * All replicas must agree on `optimiserStructure`; rate, threshold, noise and the optimiser's numbers are per replica.
 */
export function optimiserOf(replicas: readonly OptimiserReplica[]): Chain {
  const settings = replicas.map(({ train }) => train);
  const links: GradientTransformation[] = [];
  if (settings.some(({ clip }) => clip !== 'none')) links.push(clipLink(settings));
  if (settings.some(({ noise }) => noise !== 'none')) links.push(noiseLink(replicas));
  return chain(...links, optimiserLink(settings));
}

/** What replicas of one population must have in common, so that one chain serves them all. */
export function optimiserStructure({ optimiser, clip }: TrainSettings): Json {
  return { optimiser: optimiser.name, clipBy: clip === 'none' ? 'global-norm' : clip.by };
}

function clipLink(settings: readonly TrainSettings[]): GradientTransformation {
  const thresholds = settings.map(({ clip }) => (clip === 'none' ? Number.POSITIVE_INFINITY : clip.at));
  const byTensor = settings.some(({ clip }) => clip !== 'none' && clip.by === 'tensor-norm');
  return byTensor ? clipByNorm(thresholds) : clipByGlobalNorm(thresholds);
}

/** Its variance can be scaled, by the hyper-parameter `scale` of the link `addNoise`. */
function noiseLink(replicas: readonly OptimiserReplica[]): GradientTransformation {
  const eta = replicas.map(({ train }) => varianceAtStart(train));
  const gamma = replicas.map(({ train }) => decayOfVariance(train));
  return addNoise(scalable(annealed({ eta, gamma })), { seed: replicas.map(({ seed }) => seed) });
}

function varianceAtStart({ noise }: TrainSettings): number {
  if (noise === 'none') return 0;
  return 'eta' in noise ? noise.eta : noise.deviation ** 2;
}

/** Noise of one size is the annealed schedule with an exponent of 0. */
function decayOfVariance({ noise }: TrainSettings): number {
  return noise !== 'none' && 'eta' in noise ? noise.gamma : 0;
}
