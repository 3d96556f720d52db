import * as tf from '@tensorflow/tfjs';
import { toReplicas } from './per-replica.js';
import type { PerReplica } from './transformation.js';

/** The size of the noise over time. */
export interface NoiseSchedule {
  /** The schedule's own numbers as tensors [R]. */
  init(replicas: number): tf.Tensor1D[];
  /** STANDARD DEVIATION of the noise of each replica at update `step` (0 is the first), [R]. */
  deviation(step: tf.Scalar, state: readonly tf.Tensor[]): tf.Tensor1D;
}

/**
 * The paper's schedule: VARIANCE eta / (1 + t)^gamma at update t = 0, 1, 2, ..., so the first update has variance eta
 * [GN section 3, equation 1]. An eta of 0 is no noise.
 */
export function annealed({ eta, gamma = 0.55 }: { eta: PerReplica; gamma?: PerReplica }): NoiseSchedule {
  return {
    init: (replicas) => [
      tf.tidy(() => tf.sqrt(toReplicas(eta, replicas, 'eta'))),
      tf.tidy(() => tf.mul(toReplicas(gamma, replicas, 'gamma'), -0.5)),
    ],
    deviation: (step, [root, exponent]) =>
      tf.mul(root!, tf.pow(tf.add(tf.cast(step, 'float32'), 1), exponent!)) as tf.Tensor1D,
  };
}

/** Noise of one size at every update; `deviation` is a STANDARD DEVIATION [GN section 4.2 uses 0.001]. */
export function constant(deviation: PerReplica): NoiseSchedule {
  return {
    init: (replicas) => [toReplicas(deviation, replicas, 'deviation')],
    deviation: (_step, [value]) => value as tf.Tensor1D,
  };
}

/**
 * Another schedule with its VARIANCE multiplied by a factor per replica: the last tensor of the state, [R], 1 at the
 * start, which whoever owns the state may replace between updates, e.g. by an error rate.
 */
export function scalable(schedule: NoiseSchedule): NoiseSchedule {
  return {
    init: (replicas) => [...schedule.init(replicas), tf.ones([replicas])],
    deviation: (step, state) =>
      tf.mul(schedule.deviation(step, state.slice(0, -1)), tf.sqrt(state.at(-1)!)) as tf.Tensor1D,
  };
}

/**
 * Standard deviation of the annealed schedule at update t, on the host: sqrt(eta) * (1 + t)^(-gamma / 2).
 * For plots and checks; training computes it on the device.
 */
export function annealedDeviation(eta: number, gamma: number, t: number): number {
  return Math.sqrt(eta) * (1 + t) ** (-gamma / 2);
}
