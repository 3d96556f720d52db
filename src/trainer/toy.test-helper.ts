import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Experiment, Program, Replica, SettingsUnder } from '../experiments/experiment.js';
import { trainSchema } from '../optimiser/settings.js';
import { HostStream } from '../random/streams.js';
import { type SuccessCriterion, type Trial, trialId } from '../trials/trial.js';

const TRUTH = [1, -2, 0.5];

const schema = {
  data: z.strictObject({}),
  model: z.strictObject({}),
  train: trainSchema.extend({ steps: z.int() }),
};
type ToySettings = SettingsUnder<typeof schema>;

/** Linear regression with three weights: the smallest experiment that uses every part of the interface. */
export const toy: Experiment<ToySettings> = {
  name: 'toy',
  revision: 1,
  schema,
  metrics: {
    error: { description: 'Distance of the weights from the truth.', better: 'lower', kind: 'cost' },
  },
  perReplica: {},
  budget: ({ train: { steps } }) => ({ steps, reportEvery: 5, evaluateEvery: 10 }),
  bytesPerReplica: () => 1000,
  openData: async () => ({ dispose() {} }),
  explain: async () => ({ text: '', value: {} }),
  program: toyProgram,
};

/** Sums of the monitor and numbers of updates, as `observe` was told them; for tests to look at. */
export const observed: { sums: number[]; updates: number }[] = [];

function toyProgram(replicas: readonly Replica<ToySettings>[]): Program {
  const batchSize = replicas[0]!.settings.train.batchSize;
  // A stand-in for a curriculum's level: how many reports the replica has seen.
  let reports = replicas.map(() => 0);
  return {
    parameters: [{ name: 'weights', shape: [3, 1] }],
    monitors: [[2]],
    initialise: () => [
      tf.tensor(
        replicas.flatMap(({ seed }) => {
          const stream = new HostStream(seed, 'init');
          return TRUTH.map(() => stream.normal());
        }),
        [replicas.length, 3, 1],
      ),
    ],
    batch(step) {
      const x = replicas.flatMap(({ seed }) => {
        const stream = new HostStream(seed, 'batches', step);
        return Array.from({ length: 3 * batchSize }, () => stream.normal());
      });
      return { x: tf.tensor3d(x, [replicas.length, batchSize, 3]) };
    },
    loss([weights], { x }) {
      const target = tf.matMul(x!, tf.reshape(tf.tensor1d(TRUTH), [1, 3, 1]).tile([replicas.length, 1, 1]));
      const difference = tf.sub(tf.matMul(x!, weights!), target);
      const monitor = tf.stack([tf.ones([replicas.length]), tf.fill([replicas.length], 2)], 1);
      return { loss: tf.mean(tf.square(difference), [1, 2]), monitors: [monitor] };
    },
    observe(sums, updates) {
      observed.push({ sums: [...sums[0]!], updates });
      reports = reports.map((n) => n + 1);
    },
    async evaluate([weights]) {
      const values = await weights!.data();
      return replicas.map((_, r) => ({
        error: Math.hypot(...TRUTH.map((truth, i) => values[3 * r + i]! - truth)),
        reports: reports[r]!,
      }));
    },
    save: () => reports,
    restore(states: readonly number[]) {
      reports = [...states];
    },
    dispose() {},
  };
}

/** A trial of the toy experiment. */
export function toyTrial(
  seed: number,
  train: object = {},
  success: SuccessCriterion = { metric: 'error', below: 0.2 },
): Trial {
  const description = {
    experiment: 'toy',
    revision: 1,
    data: {},
    model: {},
    train: schema.train.parse({ batchSize: 8, rate: 0.1, steps: 30, ...train }),
    success,
    seed,
  };
  const labels = { config: 'toy', profile: 'paper', setting: 'default', arm: 'default', variation: {} };
  return { id: trialId(description), ...labels, description };
}
