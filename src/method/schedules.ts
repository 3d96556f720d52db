import * as tf from '@tensorflow/tfjs-core';
import { type Configured, whole } from './config.js';
import {
  checkArgument,
  hyperParameters,
  notNegative,
  type PerReplica,
  type Range,
} from './hyper-parameters.js';
import type { NamedTensors } from './named-tensors.js';

/** The size of the noise over time. */
export interface NoiseSchedule<Hyper extends NamedTensors = NamedTensors> extends Configured {
  /** What its numbers may be, by name. */
  readonly ranges?: { readonly [hyper: string]: Range };
  /** The schedule's own numbers as tensors [R]; they become hyper-parameters of the link that draws the noise. */
  init(replicas: number): Hyper;
  /** STANDARD DEVIATION of the noise of each replica at update `step` (0 is the first), [R]. */
  deviation(step: tf.Scalar, hyper: Hyper): tf.Tensor1D;
}

/**
 * The paper's schedule: VARIANCE eta / (1 + t)^gamma at update t = 0, 1, 2, ..., so the first update has variance eta
 * [GN section 3, equation 1]. An eta of 0 is no noise.
 * @throws RangeError or TypeError unless both are finite numbers of at least 0.
 */
export function annealed({ eta, gamma = 0.55 }: { eta: PerReplica; gamma?: PerReplica }): NoiseSchedule {
  return schedule({
    config: { name: 'annealed', eta, gamma },
    ...hyperParameters('annealed', { eta, gamma }, { eta: notNegative, gamma: notNegative }),
    deviation: (step, hyper) => {
      const decay = tf.pow(tf.add(tf.cast(step, 'float32'), 1), tf.mul(hyper.gamma, -0.5));
      return tf.mul(tf.sqrt(hyper.eta), decay);
    },
  });
}

/**
 * Noise of one size at every update; `deviation` is a STANDARD DEVIATION [GN section 4.2 uses 0.001].
 * @throws RangeError or TypeError unless it is a finite number of at least 0.
 */
export function constant(deviation: PerReplica): NoiseSchedule {
  return schedule({
    config: { name: 'constant', deviation },
    ...hyperParameters('constant', { deviation }, { deviation: notNegative }),
    deviation: (_step, hyper) => hyper.deviation,
  });
}

/**
 * Another schedule with its VARIANCE multiplied by the hyper-parameter `scale`, [R], 1 at the start, which whoever owns
 * the state may replace between updates, e.g. by an error rate.
 */
export function scalable(unscaled: NoiseSchedule): NoiseSchedule {
  return schedule({
    config: whole('scalable', { unscaled: unscaled.config }),
    ranges: { ...unscaled.ranges, scale: notNegative },
    init: (replicas) => ({ ...unscaled.init(replicas), scale: tf.ones([replicas]) as tf.Tensor1D }),
    deviation: (step, hyper) => tf.mul(unscaled.deviation(step, hyper), tf.sqrt(hyper.scale)),
  });
}

/**
 * Standard deviation of the annealed schedule at update t, on the host: sqrt(eta) * (1 + t)^(-gamma / 2).
 * For plots and checks; training computes it on the device.
 * @throws RangeError or TypeError unless all three are finite numbers of at least 0.
 */
export function annealedDeviation(eta: number, gamma: number, t: number): number {
  for (const [name, value] of Object.entries({ eta, gamma, t }))
    checkArgument(`annealedDeviation: ${name}`, value, notNegative);
  return Math.sqrt(eta) * (1 + t) ** (-gamma / 2);
}

/** Checks a schedule against the type of its own numbers, then hides that type. */
function schedule<Hyper extends NamedTensors>(own: NoiseSchedule<Hyper>): NoiseSchedule {
  return own;
}
