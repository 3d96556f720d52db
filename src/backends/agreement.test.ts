import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDigits } from '../experiments/mnist20/data.js';
import { mnist20 } from '../experiments/mnist20/experiment.js';
import { dataSchema, mnistTrainSchema, modelSchema } from '../experiments/mnist20/settings.js';
import { unplannedTrial } from '../experiments/unplanned.js';
import { Population } from '../trainer/population.js';
import { openBackend } from './index.js';
import type { BackendName } from './names.js';
import { diagnoseTensorflow } from './tensorflow/diagnose.js';

const UPDATES = 25;

/**
 * Largest relative difference of a loss between two backends over these updates. Backends add float32 numbers in
 * different orders and their logarithms, sines and cosines differ in the last bits; training amplifies that.
 */
const TOLERANCE = 1e-5;

const data = dataSchema.parse({ source: 'synthetic-digits', trainExamples: 100, testExamples: 50 });

/** One trial of each kind: clipped with noise, unclipped without, and one that drops nothing but starts differently. */
const trials = [
  { init: 'he', clip: { by: 'global-norm', at: 0.5 }, noise: { eta: 0.01, gamma: 0.55 } },
  { init: 'he', clip: 'none', noise: 'none' },
  { init: 'simple', clip: { by: 'global-norm', at: 10 }, noise: { deviation: 0.05 } },
].map(({ init, ...train }, seed) =>
  unplannedTrial(
    mnist20,
    {
      data,
      model: modelSchema.parse({ init, layers: 4, units: 16 }),
      train: mnistTrainSchema.parse({ batchSize: 20, epochs: 5, rate: 0.05, ...train }),
    },
    seed,
  ),
);

/** Losses of every trial at every update. */
async function losses(backend: BackendName): Promise<number[][]> {
  await openBackend({ backend, device: 'cpu', threads: 0, verbose: false });
  const digits = await openDigits(data, { folders: [], offline: true, notice() {} });
  const population = new Population(mnist20, trials, digits);
  const curve: number[][] = [];
  for (let i = 0; i < UPDATES; i++) {
    population.update();
    curve.push((await population.report()).map(({ loss }) => loss));
  }
  population.dispose();
  digits.dispose();
  return curve;
}

const native = (await diagnoseTensorflow()).state === 'ready';
if (!native)
  console.log('skipped: agreement with native TensorFlow (gnoise backend install has not been run)');

describe('a small trial', () => {
  let reference: number[][];
  beforeAll(async () => {
    reference = await losses('cpu');
  });

  it('learns, with noise and without', () => {
    for (const r of trials.keys()) expect(reference.at(-1)![r]).toBeLessThan(reference[0]![r]! + 0.05);
    expect(Math.min(...reference.at(-1)!)).toBeLessThan(reference[0]![0]! * 0.95);
  });

  const others: BackendName[] = native ? ['wasm', 'tensorflow'] : ['wasm'];
  it.each(others)('has on %s the losses that it has on cpu, step by step', async (backend) => {
    const found = await losses(backend);
    const worst = Math.max(
      ...found.flatMap((step, i) => step.map((loss, r) => Math.abs(loss / reference[i]![r]! - 1))),
    );
    console.log(
      `largest relative difference of a loss in ${UPDATES} updates, cpu and ${backend}: ${worst.toExponential(1)}`,
    );
    expect(worst).toBeLessThan(TOLERANCE);
    expect(tf.getBackend()).toBe(backend);
  });
});
