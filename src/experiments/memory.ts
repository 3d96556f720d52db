import * as tf from '@tensorflow/tfjs';
import type { TrainSettings } from '../optimiser/settings.js';
import type { ParameterSpec } from './experiment.js';

const BYTES = 4;

/**
 * How many numbers an update holds for every weight, when its optimiser is done: parameters, gradients, clipped and noisy
 * ones, updates and new parameters; what norms and noise leave on the way; and with a state, old and new, what each of its
 * tensors is computed by. Where one kernel is the whole update: parameters, gradients and state, and the new ones. [measured]
 */
const STATELESS = { composed: 10, kernels: 4 };
const STATEFUL = { composed: 20, kernels: 8 };

/**
 * Rough bytes of device memory that one replica takes during training; `memory.test.ts` holds them against measured peaks.
 * @param kept numbers that the way back needs, which are freed before the optimiser begins: what is reckoned is too much
 *   rather than too little.
 * @param ops whether the backend composes ops, or has kernels for them, which take less.
 */
export function trainingBytes(
  { optimiser }: TrainSettings,
  parameters: readonly ParameterSpec[],
  kept: number,
  ops: keyof typeof STATELESS = 'composed',
): number {
  const perWeight = (optimiser.name === 'sgd' ? STATELESS : STATEFUL)[ops];
  return BYTES * (perWeight * weightCount(parameters) + kept);
}

/** How many numbers the parameters of one replica are. */
export function weightCount(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);
}
