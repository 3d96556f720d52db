import * as tf from '@tensorflow/tfjs-core';
import { hasFusedSteps, noisyAdam, noisyDescent, type Preparation } from '../ops/fused-step.js';
import { applyUpdates } from './apply.js';
import { mapTensors, type NamedTensors, ofParameter } from './named-tensors.js';
import { against, replicasOf } from './per-replica.js';
import type { Pointwise } from './pointwise.js';
import type { ChainState } from './state.js';
import type { Chain } from './transformation.js';

/** Parameters, each [R, ...], and what a chain remembers of them. */
export interface Trained {
  readonly parameters: NamedTensors;
  readonly state: ChainState;
}

/**
 * One step of a chain: its updates, applied to the parameters. Where the backend has kernels for it and all links are such
 * that work entry by entry, as the paper's are, one call moves all parameters; the result is the same to the bit. Call it
 * inside `tf.tidy`.
 * @param gradients [R, ...]; parameters without one stay as they are.
 * @param step int32 scalar: number of the update, 0 at the first.
 * @param factor what updates are multiplied with, a scalar or [R]; since every optimiser's are proportional to its rate,
 *   that is a factor of the rate.
 */
export function descend(
  chain: Chain,
  gradients: NamedTensors,
  { parameters, state }: Trained,
  step: tf.Scalar,
  factor?: tf.Scalar | tf.Tensor1D,
): Trained {
  const fused = hasFusedSteps() ? fusedStep(chain, gradients, { parameters, state }, step, factor) : null;
  if (fused) return fused;
  const { updates, state: next } = chain.update(gradients, state, step, parameters);
  return { parameters: applyUpdates(parameters, times(updates, factor)), state: next };
}

function times(updates: NamedTensors, factor: tf.Tensor | undefined): NamedTensors {
  if (!factor) return updates;
  return mapTensors(updates, (update) =>
    tf.mul(update, factor.rank === 0 ? factor : against(factor, update)),
  );
}

/** The same by one kernel; null where the links are not clipping, noise and an optimiser, each at most once, in this order. */
function fusedStep(
  { links }: Chain,
  gradients: NamedTensors,
  { parameters, state }: Trained,
  step: tf.Scalar,
  factor: tf.Tensor | undefined,
): Trained | null {
  if (Object.keys(gradients).length === 0) return null;
  // Looked at before anything is computed.
  if (!links.every(([, { pointwise }]) => pointwise)) return null;
  if (!FORMS.test(links.map(([, { name }]) => name).join(' '))) return null;
  const forms = links.map(([name, link]) => link.pointwise!(gradients, state[name]!, step));
  const names = Object.keys(gradients);
  const preparation = preparationOf(forms, names, replicasOf(gradients), factor);
  const before = names.map((name) => ofParameter(parameters, name));
  const given = names.map((name) => gradients[name]!);
  const last = forms.at(-1)!;
  if (last.kind === 'descent') {
    const moved = noisyDescent(before, given, last.rates, preparation);
    return { parameters: replaced(parameters, names, moved), state };
  }
  if (last.kind !== 'adam') return null;
  const moments = {
    parameters: before,
    means: names.map((name) => ofParameter(last.mean, name)),
    squares: names.map((name) => ofParameter(last.square, name)),
  };
  const next = noisyAdam(moments, given, last.numbers, preparation);
  const own = links.at(-1)![0];
  const slots = {
    mean: replaced(last.mean, names, next.means),
    square: replaced(last.square, names, next.squares),
  };
  return {
    parameters: replaced(parameters, names, next.parameters),
    state: { ...state, [own]: { ...state[own], slots } },
  };
}

/** Names of links, in the order in which the kernels do them. */
const FORMS = /^(clipByGlobalNorm |clipByNorm )?(addNoise )?(sgd|adam)$/;

function preparationOf(
  forms: readonly Pointwise[],
  names: readonly string[],
  replicas: number,
  factor: tf.Tensor | undefined,
): Preparation {
  const scale = forms.find((form) => form.kind === 'scale');
  const noise = forms.find((form) => form.kind === 'noise');
  return {
    scales: scale?.scales ?? null,
    noise: noise
      ? {
          seeds: noise.seeds,
          deviations: noise.deviations,
          starts: names.map((name) => ofParameter(noise.starts, name)),
        }
      : null,
    factors: factor ? (tf.mul(tf.ones([replicas]), factor) as tf.Tensor1D) : null,
  };
}

function replaced(all: NamedTensors, names: readonly string[], tensors: readonly tf.Tensor[]): NamedTensors {
  const next: { [name: string]: tf.Tensor } = { ...all };
  for (let i = 0; i < names.length; i++) next[names[i]!] = tensors[i]!;
  return next;
}
