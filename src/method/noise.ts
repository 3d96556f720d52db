import * as tf from '@tensorflow/tfjs';
import { addStatelessNormal, hasFusedNoise, statelessNormal } from '../ops/stateless-random.js';
import { atStep, streamSeeds } from '../random/streams.js';
import { against, replicasOf } from './per-replica.js';
import type { NoiseSchedule } from './schedules.js';
import type { GradientTransformation } from './transformation.js';

/**
 * Adds independent Gaussian noise to every entry of every gradient tensor, biases included [GN section 3, equation 1].
 * Put it after clipping and before the optimiser: the noise is not clipped, and Adam's moments see it.
 *
 * A replica's draws are a pure function of (its seed, the step): no state to save, and the same numbers alone or in any
 * population. The tensors of one step share one stream, each starting at its own place in it. Noise of deviation 0
 * leaves a gradient unchanged bit for bit.
 *
 * @param seed of the run, or one per replica.
 * @throws RangeError if the number of seeds is not the number of replicas.
 */
export function addNoise(
  schedule: NoiseSchedule,
  { seed = 0 }: { seed?: number | readonly number[] } = {},
): GradientTransformation {
  const seeds = typeof seed === 'number' ? [seed] : seed;
  return {
    init(parameters) {
      const replicas = replicasOf(parameters);
      if (seeds.length !== replicas)
        throw new RangeError(
          `addNoise has ${seeds.length} seeds for ${replicas} replicas; give each replica its own.`,
        );
      return [streamSeeds(seeds, 'noise'), ...schedule.init(replicas)];
    },
    update(gradients, state, step) {
      const [base, ...numbers] = state;
      const seedsNow = atStep(base as tf.Tensor2D, step);
      const deviation = schedule.deviation(step, numbers);
      return { updates: withNoise(gradients, seedsNow, deviation), state: [...state] };
    },
  };
}

/** Where each tensor's draws start in its replica's stream: groups of four normals are one block of the generator. */
function offsets(tensors: readonly tf.Tensor[]): { starts: number[]; total: number } {
  const starts: number[] = [];
  let total = 0;
  for (const t of tensors) {
    starts.push(total);
    total += Math.ceil(t.size / t.shape[0]! / 4) * 4;
  }
  return { starts, total };
}

function withNoise(gradients: readonly tf.Tensor[], seeds: tf.Tensor2D, deviation: tf.Tensor1D): tf.Tensor[] {
  const { starts, total } = offsets(gradients);
  if (hasFusedNoise()) return gradients.map((g, i) => addStatelessNormal(g, seeds, deviation, starts[i]!));
  // One draw for all tensors: a call per tensor and replica would cost more than the training.
  const noise = tf.mul(statelessNormal(seeds, total), tf.expandDims(deviation, 1));
  const sizes = starts.map((start, i) => (starts[i + 1] ?? total) - start);
  const parts = tf.split(noise, sizes, 1);
  return gradients.map((g, i) => {
    const size = g.size / g.shape[0]!;
    const own = size === sizes[i] ? parts[i]! : tf.slice(parts[i]!, [0, 0], [-1, size]);
    // A replica without noise keeps its gradient bit for bit: adding 0 would turn -0 into 0.
    const noisy = tf.add(g, tf.reshape(own, g.shape));
    return tf.where(tf.greater(against(deviation, g), 0), noisy, g);
  });
}
