import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { replaceHyper } from '../../method/state.js';
import { mapTree, tensorsByPath } from '../../method/tensor-tree.js';
import { optimiserOf } from '../../optimiser/chain.js';
import { structureOf } from '../../runner/structure.js';
import { Population } from '../../trainer/population.js';
import { startingState } from '../../trainer/step.js';
import type { Trial } from '../../trials/trial.js';
import type { Program, Replica } from '../experiment.js';
import { unplannedTrial } from '../unplanned.js';
import { settings } from './example.test-helper.js';
import { drawTestSets } from './examples.js';
import { neuralGpu } from './experiment.js';
import { neuralGpuProgram } from './program.js';
import type { NeuralGpuSettings } from './settings.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

const trial = (seed: number, own: NeuralGpuSettings): Trial => unplannedTrial(neuralGpu, own, seed);

/** Trains to the end of the budget and evaluates. */
async function trained(members: readonly Trial[], own: NeuralGpuSettings) {
  const population = new Population(neuralGpu, members, drawTestSets(own.data));
  const { steps, reportEvery } = neuralGpu.budget(own);
  let reports = await population.report();
  while (population.step < steps) {
    population.update();
    if (population.step % reportEvery === 0) reports = await population.report();
  }
  const result = { losses: reports.map(({ loss }) => loss), metrics: await population.evaluate() };
  const snapshot = await population.save();
  population.dispose();
  return { ...result, snapshot };
}

const replica = (seed: number, own: NeuralGpuSettings): Replica<NeuralGpuSettings> => ({
  seed,
  settings: own,
});

describe('the program', () => {
  it('gives a trial what it gets alone, whatever lengths, noise and dropout share its population', async () => {
    const train = { steps: 12, dropout: 0.2, dropoutScaling: 'by-length', curriculum: { period: 4 } };
    const own = settings({ maximum: 12 }, {}, { ...train, curriculum: { start: 3, period: 4 } });
    const others = [
      settings({ maximum: 12 }, {}, { ...train, curriculum: { start: 12, period: 4 }, noise: { eta: 0.1 } }),
      settings(
        { maximum: 12 },
        { initScale: 0.5 },
        { ...train, rate: 0.1, curriculum: { start: 1, period: 4 } },
      ),
    ];
    const alone = await trained([trial(1, own)], own);
    const among = await trained([trial(0, others[0]!), trial(1, own), trial(2, others[1]!)], own);
    expect(among.losses[1]).toBeCloseTo(alone.losses[0]!, 5);
    expect(among.metrics[1]).toEqual(alone.metrics[0]);
    const [a, b] = [alone, among].map(({ snapshot }) => snapshot.tensors[0]!.data);
    const size = a!.length;
    for (const [i, value] of a!.entries()) expect(b![size + i]).toBeCloseTo(value, 5);
  });

  it('gives the same on the plain backend, where padding is computed and masked', async () => {
    const easy = settings(
      { maximum: 6 },
      {},
      { dropout: 0.2, steps: 3, curriculum: { start: 2, period: 1 } },
    );
    const hard = settings(
      { maximum: 6 },
      {},
      { dropout: 0.2, steps: 3, curriculum: { start: 6, period: 1 } },
    );
    const members = [trial(1, easy), trial(2, hard)];
    const onWasm = await trained(members, easy);
    await tf.setBackend('cpu');
    const onCpu = await trained(members, easy);
    const aloneOnCpu = await trained([members[0]!], easy);
    await tf.setBackend('wasm');
    for (const r of [0, 1]) expect(onCpu.losses[r]).toBeCloseTo(onWasm.losses[r]!, 4);
    expect(aloneOnCpu.losses[0]).toBeCloseTo(onCpu.losses[0]!, 5);
  });

  it('has the gradient that finite differences give, relaxed and shared', () => {
    for (const start of [2, 4]) {
      const own = settings({}, {}, { curriculum: { start }, relaxation: { pull: 0.01 } });
      const program = neuralGpuProgram([replica(3, own)], drawTestSets(own.data));
      const parameters = program.initialise();
      const batch = program.batch(1);
      const step = tf.scalar(1, 'int32');
      const loss = (...p: tf.Tensor[]) => program.loss(p, batch, step).loss;
      const gradients = tf.grads(loss)(parameters);
      for (const [i, gradient] of gradients.entries()) {
        const along = tf.randomNormal(gradient.shape, 0, 1, 'float32', i + 1);
        const moved = (by: number) =>
          loss(...parameters.map((p, k) => (k === i ? p.add(along.mul(by)) : p))).dataSync()[0]!;
        const slope = tf.sum(tf.mul(gradient, along)).dataSync()[0]!;
        const measured = (moved(1e-3) - moved(-1e-3)) / 2e-3;
        expect(Math.abs(measured - slope)).toBeLessThan(0.02 * Math.max(0.1, Math.abs(slope)));
      }
    }
  });

  it.each([
    ['adam', { name: 'adam' }, ['mean', 'square']],
    ['rmsprop', { name: 'rmsprop', momentum: 0.5 }, ['square', 'velocity']],
    ['sgd', { name: 'sgd' }, []],
  ])('averages sets, and moments of %s, when the largest size is reached', (name, optimiser, slots) => {
    const train = { optimiser, curriculum: { start: 1, threshold: 1, period: 1 } };
    const own = settings({ maximum: 2 }, { sets: 3 }, { ...train, relaxation: { pull: 0, factor: 1 } });
    const late = settings(
      { maximum: 2 },
      { sets: 3 },
      { ...train, curriculum: { start: 1, threshold: 1e-9, period: 1 } },
    );
    const program = neuralGpuProgram([replica(0, own), replica(1, late)], drawTestSets(own.data));
    const members = [own, late].map(({ train }, seed) => ({ seed, train }));
    const { parameters, optimiser: zeros } = startingState(program, optimiserOf(members), 2);
    const state = mapTree(zeros, (t) => (t.dtype === 'int32' ? t : tf.randomUniform(t.shape)));
    program.observe!([Float32Array.of(0, 4, 4, 4)], 1);
    const before = tensorsByPath({ parameters, optimiser: state });
    const after = tensorsByPath(program.reform!(parameters, state)!);
    const moved = [...after].filter(([path, tensor]) => before.get(path) !== tensor);
    expect(moved.map(([path]) => path)).toEqual([
      'parameters/cgru/sets',
      ...slots.map((slot) => `optimiser/${name}/slots/${slot}/cgru/sets`),
    ]);
    for (const [path, tensor] of moved) {
      const [joined, other] = tf.split(before.get(path)!, 2);
      const [mean, same] = tf.split(tensor, 2);
      expect(mean!.dataSync()).toEqual(tf.mean(joined!, 1, true).broadcastTo(joined!.shape).dataSync());
      expect(same!.dataSync()).toEqual(other!.dataSync());
    }
    program.observe!([Float32Array.of(0, 4, 4, 4)], 1);
    expect(program.reform!(parameters, state)).toBeNull();
  });

  it('scales the noise by the error of the last period, for the replicas that ask for it', () => {
    const scaled = settings({}, {}, { noise: { eta: 1, scaledBy: 'error' } });
    const plain = settings({}, {}, { noise: { eta: 1 } });
    const program = neuralGpuProgram([replica(0, scaled), replica(1, plain)], drawTestSets(scaled.data));
    const members = [scaled, plain].map(({ train }, seed) => ({ seed, train }));
    const { parameters, optimiser } = startingState(program, optimiserOf(members), 2);
    program.observe!([Float32Array.of(1, 4, 1, 4)], 1);
    const changed = program.reform!(parameters, optimiser)!;
    expect(changed.parameters).toBe(parameters);
    const { scale } = changed.optimiser.addNoise!.hyper!;
    expect([...scale!.dataSync()]).toEqual([0.25, 1]);
    expect(changed.optimiser).toEqual(replaceHyper(optimiser, 'addNoise', 'scale', scale!));
  });

  it('saves its curriculum and goes on from there', () => {
    const own = settings({ maximum: 8 }, {}, { curriculum: { threshold: 0.5 } });
    const make = (): Program => neuralGpuProgram([replica(0, own)], drawTestSets(own.data));
    const [first, second] = [make(), make()];
    first.observe!([Float32Array.of(0, 4)], 1);
    second.restore!(structuredClone(first.save!()));
    expect(second.save!()).toEqual(first.save!());
    const batches = [first, second].map((program) => program.batch(7).inputs!.dataSync());
    expect(batches[0]).toEqual(batches[1]);
  });

  it('keeps no tensors of updates, reports and tests', async () => {
    const own = settings({ maximum: 3 }, {}, { dropout: 0.1, curriculum: { threshold: 1, period: 1 } });
    const before = tf.memory().numTensors;
    const population = new Population(neuralGpu, [trial(0, own), trial(1, own)], drawTestSets(own.data));
    const counts: number[] = [];
    for (let period = 0; period < 4; period++) {
      population.update();
      await population.report();
      await population.evaluate();
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    population.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('evaluates sequences far longer than a pass holds in the memory of a few images', async () => {
    const own = settings({ testSize: 100, testExamples: 3 });
    const program = neuralGpuProgram([replica(0, own)], drawTestSets(own.data));
    const parameters = program.initialise();
    const before = tf.memory().numBytes;
    const [metrics] = await program.evaluate(parameters);
    expect(metrics!.testError).toBeGreaterThan(0.5);
    expect(tf.memory().numBytes).toBe(before);
  });

  it('learns to copy, to sequences twice as long, within seconds', async () => {
    const own = settings(
      { maximum: 4, testSize: 8, testExamples: 100 },
      { maps: 6, sets: 1 },
      { batchSize: 16, steps: 500, anneal: 0.3, curriculum: { start: 2, period: 50 }, rate: 0.01 },
    );
    const { metrics } = await trained([trial(0, own)], own);
    expect(metrics[0]).toEqual({
      ...{ testError: 0, testBitError: 0, trainedError: 0, trainedBitError: 0, level: 4 },
    });
  });
});

describe('tests at multiples of the largest trained size', () => {
  const sizes = { maximum: 3, testExamples: 20 };
  const plain = settings({ ...sizes, testSize: 12 }, {}, { steps: 4, curriculum: { period: 2 } });
  const further = { ...plain, data: { ...plain.data, testMultiples: [2, 4] as (2 | 4)[] } };

  it('add their errors and change no other figure', async () => {
    const [before, after] = [
      await trained([trial(0, plain)], plain),
      await trained([trial(0, further)], further),
    ];
    const { testErrorTimes2, testErrorTimes4, ...others } = after.metrics[0]!;
    expect(others).toEqual(before.metrics[0]);
    for (const error of [testErrorTimes2, testErrorTimes4]) {
      expect(error).toBeGreaterThanOrEqual(0);
      expect(error).toBeLessThanOrEqual(1);
    }
    expect(Object.keys(after.metrics[0]!).every((name) => name in neuralGpu.metrics)).toBe(true);
  });

  it('are of those sizes, each the same whichever others there are', () => {
    const { multiples } = drawTestSets(further.data);
    expect(multiples.map(({ times, set }) => [times, set.length, set.count])).toEqual([
      [2, 6, 20],
      [4, 12, 20],
    ]);
    expect(drawTestSets({ ...further.data, testMultiples: [4] }).multiples[0]).toEqual(multiples[1]);
    expect(multiples[1]!.set.inputs).not.toEqual(drawTestSets(further.data).test.inputs);
  });
});

describe('the experiment', () => {
  it('has 31,248 weights in a CGRU pair of 24 maps, as the paper says "about 30k"', () => {
    const own = settings({}, { maps: 24, sets: 1 });
    const program = neuralGpuProgram([replica(0, own)], drawTestSets(own.data));
    expect(program.parameters[0]!.shape).toEqual([1, 31_248]);
  });

  it('trains together what differs in rate, start, threshold, pull, noise and amount of dropout', () => {
    const structure = (model: object, train: object) =>
      structureOf(neuralGpu, trial(0, settings({}, model, train)));
    const base = structure({}, { dropout: 0.06 });
    expect(
      structure(
        { initScale: 0.7 },
        {
          ...{ dropout: 0.135, rate: 0.1, noise: { eta: 1 } },
          ...{ curriculum: { threshold: 0.2 }, relaxation: { factor: 2 } },
        },
      ),
    ).toEqual(base);
    expect(structure({ maps: 8 }, { dropout: 0.06 })).not.toEqual(base);
    expect(structure({}, {})).not.toEqual(base);
  });

  it('refuses tests between two periods, lengths beyond its streams of dropout, and scaled noise without Adam', () => {
    const paths = (own: NeuralGpuSettings) => neuralGpu.check!(own).map(({ path }) => path);
    expect(paths(settings())).toEqual([]);
    expect(paths(settings({}, {}, { evaluateEvery: 150 }))).toEqual(['train.evaluateEvery']);
    expect(paths(settings({ maximum: 1001 }))).toEqual(['data.maximum']);
    const scaled = { noise: { eta: 1, scaledBy: 'error' }, optimiser: { name: 'sgd' } };
    expect(paths(settings({}, {}, scaled))).toEqual(['train.noise.scaledBy']);
  });
});
