import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { Population } from '../../trainer/population.js';
import { unplannedTrial } from '../unplanned.js';
import { settings } from './example.test-helper.js';
import { drawTestSets } from './examples.js';
import { neuralGpu } from './experiment.js';
import { explain } from './trace.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

type Shown = {
  input: string;
  expected: string;
  output: string;
  right: boolean;
  images: { read: string; places: number[][] }[];
};

// Its sets become one after the first period.
const own = settings(
  { task: 'reverse', maximum: 3, testSize: 5, testExamples: 10 },
  { maps: 6, sets: 2 },
  {
    batchSize: 16,
    rate: 0.02,
    steps: 400,
    evaluateEvery: 400,
    curriculum: { start: 2, threshold: 1, period: 200 },
  },
);

async function trained() {
  const data = drawTestSets(own.data);
  const trial = unplannedTrial(neuralGpu, own, 0);
  const population = new Population(neuralGpu, [trial], data);
  for (let step = 1; step <= 400; step++) {
    population.update();
    if (step % 200 === 0) await population.report();
  }
  const { state } = await population.weightsOf(trial);
  return { data, population, network: { parameters: population.parameters, state } };
}

describe('the trace of a Neural GPU', () => {
  it('answers as the test of the training does, with the sets that it has come to', async () => {
    const { data, population, network } = await trained();
    expect(network.state).toMatchObject({ shared: true, level: 3 });
    const [metrics] = await population.evaluate();
    const before = tf.memory().numTensors;
    const { value, text } = await explain(network, own, data, { first: 0, count: 20 });
    expect(tf.memory().numTensors).toBe(before);
    const shown = value.examples as unknown as Shown[];
    const errors = [shown.slice(0, 10), shown.slice(10)].map(
      (some) => some.filter(({ right }) => !right).length / some.length,
    );
    expect(errors[0]).toBeCloseTo(metrics!.trainedError!, 9);
    expect(errors[1]).toBeCloseTo(metrics!.testError!, 9);
    // Neither all nor none are right, so that it matters how they are read.
    expect(errors[1]).toBeGreaterThan(0);
    expect(errors[1]).toBeLessThan(1);
    const [first] = shown;
    expect(first!.input).toMatch(/^[01]{3}$/);
    expect(shown[10]!.input).toMatch(/^[01]{5}$/);
    expect(first!.expected).toBe([...first!.input].reverse().join(''));
    // As many steps as positions, and the start.
    expect(first!.images).toHaveLength(4);
    expect(first!.images.at(-1)!.read).toBe(first!.output);
    expect(first!.images[2]!.places.map((cells) => cells.length)).toEqual([4, 4, 4]);
    expect(text).toMatch(/\n {3}3 {2}\|.{3}\| {5}\|.{3}\| {5}\|.{3}\| {5}\|.{3}\| {5}[01_+]{3}\n/);
    population.dispose();
  });
});
