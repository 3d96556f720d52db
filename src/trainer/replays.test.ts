import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Network } from '../bench/network.js';
import { networks } from '../bench/networks.js';
import { unplannedTrial } from '../experiments/unplanned.js';
import { currentRecorder, provideRecorder, type Recorder } from '../kernels/recorder.js';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { noisyDescent } from '../ops/fused-step.js';
import { Population } from './population.js';
import { toy, toyTrial } from './toy.test-helper.js';

let recorder: Recorder | undefined;

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
  recorder = currentRecorder();
});

beforeEach(() => provideRecorder('wasm', recorder));
afterEach(() => provideRecorder('wasm', recorder));

/** All bytes of a population's state, after so many updates with a report now and then; on one batch if its number is given. */
async function stateAfter(population: Population, updates: number, batch?: number): Promise<string[]> {
  for (let i = 0; i < updates; i++) {
    const { step } = population;
    population.step = batch ?? step;
    population.update();
    population.step = step + 1;
    if (population.step % 5 === 0) await population.report();
  }
  const { tensors } = await population.save();
  return tensors.map(({ name, data }) => `${name} ${Buffer.from(data.buffer).toString('base64')}`);
}

/** What it comes to without recordings. */
async function made<T>(run: () => Promise<T>): Promise<T> {
  provideRecorder('wasm', undefined);
  const result = await run();
  provideRecorder('wasm', recorder);
  return result;
}

const openData = { dispose() {} };
const noisy = (seed: number) => toyTrial(seed, { noise: { eta: 0.01 }, optimiser: { name: 'adam' } });

/** What a population of a bench's network is after some steps, and how many of them were replayed. */
async function trained(network: Network, seeds: readonly number[], steps: number) {
  const { experiment, settings } = network;
  const data = await network.open();
  const trials = seeds.map((seed) => unplannedTrial(experiment, settings, seed));
  const population = new Population(experiment, trials, data);
  const state = await stateAfter(population, steps, network.step);
  const { replayed } = population;
  population.dispose();
  data.dispose();
  return { state, replayed };
}

describe('replayed steps', () => {
  it.each(Object.entries(networks))(
    'leave the bits that steps leave which are made: %s',
    async (_, network) => {
      const train = () => trained(network, [3], 11);
      const expected = await made(train);
      const { state, replayed } = await train();
      expect(expected.replayed).toBe(0);
      expect(replayed).toBeGreaterThan(4);
      expect(state).toEqual(expected.state);
    },
  );

  it('are those of large populations, too, whose parameters change in their place', async () => {
    const network = networks['table-qa']!;
    const seeds = Array.from({ length: 24 }, (_, r) => network.seedOf(r));
    const train = () => trained(network, seeds, 8);
    const expected = await made(train);
    const { state, replayed } = await train();
    expect(replayed).toBe(3);
    expect(state).toEqual(expected.state);
  });

  it('go on when replicas are left out, and from a snapshot', async () => {
    const trials = [noisy(0), noisy(1), noisy(2)];
    const train = async () => {
      const population = new Population(toy, trials, openData);
      await stateAfter(population, 12);
      population.keep([0, 2]);
      const shrunk = await stateAfter(population, 12);
      const snapshot = await population.save();
      population.dispose();
      const resumed = new Population(toy, [trials[2]!], openData, snapshot);
      const last = await stateAfter(resumed, 12);
      const { replayed } = resumed;
      resumed.dispose();
      return { states: [shrunk, last], replayed };
    };
    const expected = await made(train);
    const { states, replayed } = await train();
    expect(replayed).toBeGreaterThan(4);
    expect(states).toEqual(expected.states);
  });

  it('are not made where a step does something that no kernel does', async () => {
    // What the host computes from a tensor stands in no recording.
    const onHost = {
      ...toy,
      program: (...args: Parameters<typeof toy.program>) => {
        const program = toy.program(...args);
        const loss: typeof program.loss = (parameters, batch, step) => {
          const own = program.loss(parameters, batch, step);
          const [first] = batch.x!.dataSync();
          return { ...own, loss: tf.mul(own.loss, 1 + Math.abs(first!)) };
        };
        return { ...program, loss };
      },
    };
    const train = async () => {
      const population = new Population(onHost, [noisy(0)], openData);
      const state = await stateAfter(population, 15);
      const { replayed } = population;
      population.dispose();
      return { state, replayed };
    };
    const expected = await made(train);
    expect(await train()).toEqual(expected);
    expect(expected.replayed).toBe(0);
  });

  it('know batches of several shapes apart', async () => {
    const growing = {
      ...toy,
      program: (...args: Parameters<typeof toy.program>) => {
        const program = toy.program(...args);
        const batch: typeof program.batch = (step) =>
          tf.tidy(() => ({ x: tf.slice(program.batch(step).x!, [0, 0, 0], [-1, 4 + (step % 2), -1]) }));
        return { ...program, batch };
      },
    };
    const train = async () => {
      const population = new Population(growing, [noisy(0), noisy(1)], openData);
      const state = await stateAfter(population, 24);
      const { replayed } = population;
      population.dispose();
      return { state, replayed };
    };
    const expected = await made(train);
    const { state, replayed } = await train();
    expect(replayed).toBeGreaterThan(10);
    expect(state).toEqual(expected.state);
  });

  it('keep nothing in memory after the end of their population', async () => {
    const train = async () => {
      const population = new Population(toy, [noisy(0)], openData);
      await stateAfter(population, 12);
      population.dispose();
    };
    await train();
    const { numTensors, numBytes, numDataBuffers } = tf.memory();
    await train();
    expect(tf.memory()).toMatchObject({ numTensors, numBytes, numDataBuffers });
    const { dataIdMap } = tf.backend() as unknown as { dataIdMap: { numDataIds(): number } };
    expect(dataIdMap.numDataIds()).toBe(numDataBuffers);
  });
});

describe('a recording', () => {
  it('is none where it would take more memory than it may, and leaves nothing behind', async () => {
    const before = tf.memory().numDataBuffers;
    const x = tf.ones([1000]);
    const { result, recording } = recorder!.record(
      () => tf.tidy(() => tf.sum(tf.exp(tf.mul(tf.add(x, x), x)))),
      6000,
    );
    expect(recording).toBeNull();
    expect((await result.data())[0]).toBeCloseTo(1000 * Math.exp(2), 0);
    tf.dispose([x, result]);
    expect(tf.memory().numDataBuffers).toBe(before);
  });

  it('has what becomes of spent tensors in their place, and of others elsewhere', () => {
    const tensors = [1, 2].map((value) => tf.fill([2, 5], value));
    const [gradient, rates] = [tf.ones([2, 5]), tf.tensor1d([-0.5, -1])];
    const none = { scales: null, noise: null, factors: null };
    const { result, recording } = recorder!.record(
      () => tf.tidy(() => noisyDescent(tensors, [gradient, gradient], rates, none)),
      1e6,
      [tensors[0]!],
    );
    expect(result[0]!.dataId).toBe(tensors[0]!.dataId);
    expect(result[1]!.dataId).not.toBe(tensors[1]!.dataId);
    recording!.replay();
    expect(result.map((moved) => moved.arraySync())).toEqual([
      [new Array(5).fill(0), new Array(5).fill(-1)],
      [new Array(5).fill(1.5), new Array(5).fill(1)],
    ]);
    recording!.dispose();
    tf.dispose([result, tensors, gradient, rates]);
  });

  it('leaves nothing behind where what is recorded throws', () => {
    const before = tf.memory();
    const x = tf.ones([3]);
    expect(() =>
      recorder!.record(
        () =>
          tf.tidy(() => {
            tf.exp(x);
            throw new Error('no');
          }),
        1e6,
      ),
    ).toThrow('no');
    x.dispose();
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
    const { dataIdMap } = tf.backend() as unknown as { dataIdMap: { numDataIds(): number } };
    expect(dataIdMap.numDataIds()).toBe(before.numDataBuffers);
  });
});
