import * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from './named-tensors.js';
import { toReplicas } from './per-replica.js';
import type { PerReplica } from './transformation.js';

/** The size of the noise over time. */
export interface NoiseSchedule<Hyper extends NamedTensors = NamedTensors> {
  /** The schedule's own numbers as tensors [R]; they become hyper-parameters of the link that draws the noise. */
  init(replicas: number): Hyper;
  /** STANDARD DEVIATION of the noise of each replica at update `step` (0 is the first), [R]. */
  deviation(step: tf.Scalar, hyper: Hyper): tf.Tensor1D;
}

/**
 * The paper's schedule: VARIANCE eta / (1 + t)^gamma at update t = 0, 1, 2, ..., so the first update has variance eta
 * [GN section 3, equation 1]. An eta of 0 is no noise.
 */
export function annealed({ eta, gamma = 0.55 }: { eta: PerReplica; gamma?: PerReplica }): NoiseSchedule {
  return schedule({
    init: (replicas) => toReplicas({ eta, gamma }, replicas),
    deviation: (step, hyper) => {
      const decay = tf.pow(tf.add(tf.cast(step, 'float32'), 1), tf.mul(hyper.gamma, -0.5));
      return tf.mul(tf.sqrt(hyper.eta), decay);
    },
  });
}

/** Noise of one size at every update; `deviation` is a STANDARD DEVIATION [GN section 4.2 uses 0.001]. */
export function constant(deviation: PerReplica): NoiseSchedule {
  return schedule({
    init: (replicas) => toReplicas({ deviation }, replicas),
    deviation: (_step, hyper) => hyper.deviation,
  });
}

/**
 * Another schedule with its VARIANCE multiplied by the hyper-parameter `scale`, [R], 1 at the start, which whoever owns
 * the state may replace between updates, e.g. by an error rate.
 */
export function scalable(unscaled: NoiseSchedule): NoiseSchedule {
  return schedule({
    init: (replicas) => ({ ...unscaled.init(replicas), scale: tf.ones([replicas]) }),
    deviation: (step, hyper) => tf.mul(unscaled.deviation(step, hyper), tf.sqrt(hyper.scale)),
  });
}

/**
 * Standard deviation of the annealed schedule at update t, on the host: sqrt(eta) * (1 + t)^(-gamma / 2).
 * For plots and checks; training computes it on the device.
 */
export function annealedDeviation(eta: number, gamma: number, t: number): number {
  return Math.sqrt(eta) * (1 + t) ** (-gamma / 2);
}

/** Checks a schedule against the type of its own numbers, then hides that type. */
function schedule<Hyper extends NamedTensors>(own: NoiseSchedule<Hyper>): NoiseSchedule {
  return own;
}
