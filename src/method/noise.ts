import * as tf from '@tensorflow/tfjs-core';
import { addStatelessNormal, hasFusedNoise, statelessNormal } from '../ops/stateless-random.js';
import { atStep, SEED_LIMIT, streamSeeds } from '../random/streams.js';
import { whole } from './config.js';
import { checkArgument, type PerReplica, wholeBelow } from './hyper-parameters.js';
import { mapTensors, type NamedTensors, ofParameter } from './named-tensors.js';
import { against } from './per-replica.js';
import type { NoiseSchedule } from './schedules.js';
import { type GradientTransformation, transformation } from './transformation.js';

/**
 * Adds independent Gaussian noise to every entry of every gradient tensor, biases included [GN section 3, equation 1].
 * Put it after clipping and before the optimiser: the noise is not clipped, and Adam's moments see it.
 *
 * A replica's draws are a pure function of (its seed, the step): no state to save, and the same numbers alone or in any
 * population. The parameters share one stream; each has its own place in it, in the order of the record that `init` was
 * given (where names that are whole numbers come first, by size). Noise of deviation 0 leaves a gradient unchanged bit for
 * bit.
 *
 * @param seed of the run, or one per replica: whole numbers from 0 to 2^28 - 1. Left out, this noise gets a seed that no other
 *   without one has: the first made in a process has always the same, and so on, so that a program repeats its run if it
 *   makes its noise in the same order.
 * @throws RangeError or TypeError if a seed is none, or later, if the number of seeds is not the number of replicas.
 */
export function addNoise(
  schedule: NoiseSchedule,
  { seed = nextSeed() }: { seed?: PerReplica | undefined } = {},
): GradientTransformation {
  checkSchedule(schedule);
  checkArgument('addNoise: seed', seed, wholeBelow(SEED_LIMIT));
  const seeds = typeof seed === 'number' ? [seed] : seed;
  return transformation({
    name: 'addNoise',
    config: whole('addNoise', { schedule: schedule.config, seed }),
    ...(schedule.ranges && { ranges: schedule.ranges }),
    init(parameters, replicas) {
      if (seeds.length !== replicas)
        throw new RangeError(
          `addNoise has ${seeds.length} seeds for ${replicas} replicas; give each replica its own.`,
        );
      return {
        hyper: schedule.init(replicas),
        tensors: { seeds: streamSeeds(seeds, 'noise') },
        layout: drawsOf(parameters),
      };
    },
    pointwise: (_gradients, { hyper, tensors, layout }, step) => ({
      kind: 'noise',
      seeds: atStep(tensors.seeds, step),
      deviations: schedule.deviation(step, hyper),
      starts: startsOf(layout),
    }),
    update(gradients, { hyper, tensors, layout }, step) {
      const seedsNow = atStep(tensors.seeds, step);
      return { updates: withNoise(gradients, seedsNow, schedule.deviation(step, hyper), layout) };
    },
  });
}

let unseeded = 0;

/** From the top down: people count their own seeds from the bottom up. */
function nextSeed(): number {
  unseeded += 1;
  return SEED_LIMIT - unseeded;
}

function checkSchedule(schedule: NoiseSchedule): void {
  if (typeof schedule?.deviation !== 'function')
    throw new TypeError('addNoise: schedule must be one, such as annealed({ eta: 0.3 }) or constant(0.1).');
}

/** How many draws of its replica's stream each parameter takes, one after another. */
type Draws = { readonly [parameter: string]: number };

/** A draw for every entry, in whole groups of four: those are one block of the generator. */
function drawsOf(parameters: NamedTensors): Draws {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, p]) => [name, Math.ceil(p.size / p.shape[0]! / 4) * 4]),
  );
}

function withNoise(
  gradients: NamedTensors,
  seeds: tf.Tensor2D,
  deviation: tf.Tensor1D,
  draws: Draws,
): NamedTensors {
  if (hasFusedNoise()) {
    const starts = startsOf(draws);
    return mapTensors(gradients, (g, name) =>
      addStatelessNormal(g, seeds, deviation, ofParameter(starts, name)),
    );
  }
  const noise = sharedDraws(seeds, deviation, draws);
  return mapTensors(gradients, (g, name) => {
    const size = g.size / g.shape[0]!;
    const drawn = ofParameter(noise, name);
    const own = size === drawn.shape[1] ? drawn : tf.slice(drawn, [0, 0], [-1, size]);
    // A replica without noise keeps its gradient bit for bit: adding 0 would turn -0 into 0.
    const noisy = tf.add(g, tf.reshape(own, g.shape));
    return tf.where(tf.greater(against(deviation, g), 0), noisy, g);
  });
}

/** Where each parameter's draws start in its replica's stream. */
function startsOf(draws: Draws): Draws {
  let next = 0;
  return Object.fromEntries(
    Object.entries(draws).map(([name, count]) => {
      next += count;
      return [name, next - count];
    }),
  );
}

/** The noise of every parameter, each [R, draws]: one draw for all, for a call each would cost more than the training. */
function sharedDraws(seeds: tf.Tensor2D, deviation: tf.Tensor1D, draws: Draws): NamedTensors {
  const counts = Object.values(draws);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const noise = tf.mul(statelessNormal(seeds, total), tf.expandDims(deviation, 1));
  const parts = tf.split(noise, counts, 1);
  return Object.fromEntries(Object.keys(draws).map((name, i) => [name, parts[i]!]));
}
