import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Trial } from '../trials/trial.js';
import { Population, type Snapshot } from './population.js';
import { settingsOf } from './settings.js';
import { observed, toy, toyTrial } from './toy.test-helper.js';
import { succeeds, type TrainingHooks, type TrialResult, train } from './train.js';

const NOISY = { noise: { eta: 0.01 } };
const openData = { dispose() {} };

/** Trains the trials and collects what they came to. */
async function results(
  trials: readonly Trial[],
  hooks: Partial<TrainingHooks> = {},
  from: Snapshot | null = null,
) {
  const population = new Population(toy, trials, openData, from);
  const found = new Map<string, TrialResult>();
  const finished = await train(population, toy.budget(settingsOf(toy, trials[0]!.description)), {
    onProgress() {},
    onFinished: (trial, result) => void found.set(trial.id, result),
    onTurn: async () => {},
    wantsSnapshot: () => false,
    onSnapshot() {},
    signal: new AbortController().signal,
    ...hooks,
  });
  population.dispose();
  return { finished, found };
}

/** Runs a population some steps by hand, with reports where training has them. */
async function runSteps(population: Population, steps: number) {
  for (let i = 0; i < steps; i++) {
    population.update();
    if (population.step % 5 === 0) await population.report();
  }
}

beforeEach(() => {
  observed.length = 0;
});

describe('train', () => {
  it('trains every trial to the end of its budget and judges it by its criterion', async () => {
    const strict = toyTrial(1, {}, { metric: 'error', below: 1e-9 });
    const { finished, found } = await results([toyTrial(0), strict]);
    expect(finished).toBe(true);
    expect(found.get(toyTrial(0).id)!.outcome).toEqual({ kind: 'succeeded' });
    expect(found.get(strict.id)!.outcome).toEqual({ kind: 'missed' });
    expect(found.get(strict.id)!.curve.map(({ step }) => step)).toEqual([10, 20, 30]);
  });

  it('records how large the gradient of the next update is before clipping, and moves nothing by that', async () => {
    const rate = 0.1;
    const trials = [0, 1].map((seed) => toyTrial(seed, { rate }));
    const population = new Population(toy, trials, openData);
    await runSteps(population, 10);
    const gradients = await population.gradients();
    const before = await population.parameters[0]!.data();
    population.update();
    const after = await population.parameters[0]!.data();
    population.dispose();
    const { found } = await results(
      trials.map(({ description }) => toyTrial(description.seed, { rate, clip: { at: 1e9 } })),
    );
    for (const [r, { norm, rms }] of gradients.entries()) {
      const moved = [0, 1, 2].map((i) => after[3 * r + i]! - before[3 * r + i]!);
      expect(norm).toBeCloseTo(Math.hypot(...moved) / rate, 4);
      expect(rms).toBeCloseTo(norm / Math.sqrt(3), 9);
      const { curve } = found.get(toyTrial(r, { rate, clip: { at: 1e9 } }).id)!;
      expect(curve[0]!.gradient).toEqual({ norm, rms });
      expect(curve.at(-1)).not.toHaveProperty('gradient');
    }
  });

  it('comes to the same, alone or in any population', async () => {
    const trials = [
      toyTrial(0, NOISY),
      toyTrial(1, { rate: 0.05 }),
      toyTrial(2, { clip: { at: 0.1 }, ...NOISY }),
    ];
    const together = (await results(trials)).found;
    for (const trial of trials) {
      const alone = (await results([trial])).found;
      expect(together.get(trial.id)).toEqual(alone.get(trial.id));
    }
  });

  it('gives both arms of a seed the same start and the same batches', async () => {
    const plain = toyTrial(3, { steps: 10 });
    const silent = toyTrial(3, { steps: 10, noise: { eta: 1e-30 } });
    const { found } = await results([plain, silent]);
    expect(found.get(silent.id)!.metrics.error).toBeCloseTo(found.get(plain.id)!.metrics.error!, 5);
  });

  it('drops a replica that diverges, says when, and leaves the others as they would be without it', async () => {
    const wild = toyTrial(1, { rate: 1e15 });
    const calm = toyTrial(0, NOISY);
    const { found } = await results([wild, calm]);
    expect(found.get(wild.id)!.outcome).toEqual({ kind: 'diverged', step: 5 });
    expect(found.get(calm.id)).toEqual((await results([calm])).found.get(calm.id));
  });

  it.each([
    ['sgd', { name: 'sgd' }],
    ['adam', { name: 'adam' }],
    ['rmsprop', { name: 'rmsprop', momentum: 0.5 }],
  ])(
    'stops when asked, with a snapshot from which it ends as if never stopped, with %s',
    async (_, optimiser) => {
      const trials = [0, 1].map((seed) => toyTrial(seed, { ...NOISY, optimiser }));
      for (const stopAfter of [1, 10, 23]) {
        const population = new Population(toy, trials, openData);
        await runSteps(population, stopAfter);
        const snapshot = structuredClone(await population.save());
        population.dispose();
        const resumed = await results(trials, {}, snapshot);
        const whole = await results(trials);
        for (const { id } of trials)
          expect({ ...resumed.found.get(id), curve: null }).toEqual({ ...whole.found.get(id), curve: null });
      }
    },
  );

  it('goes on bit for bit from a snapshot made while the rate is annealed', async () => {
    const trials = [
      toyTrial(0, { ...NOISY, anneal: 0.8, optimiser: { name: 'adam', epsilon: 0.1 } }),
      toyTrial(1, { optimiser: { name: 'adam' } }),
    ];
    const whole = await results(trials);
    for (const stopAfter of [3, 17, 25]) {
      const population = new Population(toy, trials, openData);
      await runSteps(population, stopAfter);
      const snapshot = structuredClone(await population.save());
      population.dispose();
      for (const members of [trials, [trials[0]!], [trials[1]!]]) {
        const resumed = await results(members, {}, snapshot);
        for (const { id } of members)
          expect(resumed.found.get(id)!.metrics).toEqual(whole.found.get(id)!.metrics);
      }
    }
  });

  it('moves by the rate that annealing leaves of it', async () => {
    const weightsAfter = async (train: object) => {
      const population = new Population(toy, [toyTrial(0, { steps: 2, ...train })], openData);
      population.update();
      const first = [...population.parameters[0]!.dataSync()];
      population.update();
      const second = [...population.parameters[0]!.dataSync()];
      population.dispose();
      return { first, moved: second.map((x, i) => x - first[i]!) };
    };
    const [fixed, annealed] = [await weightsAfter({}), await weightsAfter({ anneal: 1 })];
    expect(annealed.first).toEqual(fixed.first);
    for (const [i, step] of annealed.moved.entries()) expect(step).toBeCloseTo(fixed.moved[i]! / 2, 6);
  });

  it('can go on with some of the trials of a snapshot, whatever the others were', async () => {
    const momentum = { name: 'rmsprop', momentum: 0.9 };
    const noisy = toyTrial(0, { ...NOISY, clip: { at: 1 }, optimiser: momentum });
    const plain = toyTrial(1, { optimiser: { name: 'rmsprop' } });
    const population = new Population(toy, [noisy, plain], openData);
    await runSteps(population, 12);
    const snapshot = await population.save();
    population.dispose();
    for (const trial of [plain, noisy]) {
      const resumed = (await results([trial], {}, snapshot)).found.get(trial.id)!;
      expect(resumed.metrics).toEqual((await results([trial])).found.get(trial.id)!.metrics);
    }
  });

  it('finds the tensors of a snapshot by name, in whatever order they lie', async () => {
    const trial = toyTrial(0, { ...NOISY, optimiser: { name: 'adam' } });
    const population = new Population(toy, [trial], openData);
    await runSteps(population, 12);
    const snapshot = await population.save();
    population.dispose();
    const names = snapshot.tensors.map(({ name }) => name);
    expect(names).toContain('parameters/weights');
    expect(names).toContain('optimiser/adam/slots/mean/weights');
    expect(new Set(names).size).toBe(names.length);
    const turned = { ...snapshot, tensors: [...snapshot.tensors].reverse() };
    const [one, other] = [await results([trial], {}, snapshot), await results([trial], {}, turned)];
    expect(other.found).toEqual(one.found);
  });

  it('refuses a snapshot that lacks a tensor, or has one of another shape, and names it', async () => {
    const population = new Population(toy, [toyTrial(0)], openData);
    const { tensors, ...rest } = await population.save();
    population.dispose();
    const resume = (changed: Snapshot['tensors']) =>
      new Population(toy, [toyTrial(0)], openData, { ...rest, tensors: changed });
    expect(() => resume(tensors.filter(({ name }) => name !== 'parameters/weights'))).toThrow(
      'has no tensor parameters/weights',
    );
    const flat = tensors.map((t) => (t.name === 'parameters/weights' ? { ...t, shape: [1, 3] } : t));
    expect(() => resume(flat)).toThrow('parameters/weights has shape [1,3] where [1,3,1] is needed');
  });

  it('stores a snapshot on the way out when its signal is aborted', async () => {
    const controller = new AbortController();
    const snapshots: Snapshot[] = [];
    const endless = toyTrial(0, { steps: 1_000_000 });
    const { finished, found } = await results([endless], {
      signal: controller.signal,
      onTurn: async () => controller.abort(),
      onSnapshot: (snapshot) => void snapshots.push(snapshot),
    });
    expect(finished).toBe(false);
    expect(found.size).toBe(0);
    expect(snapshots).toHaveLength(1);
    expect(snapshots[0]!.step).toBeGreaterThan(0);
  });

  it('refuses a snapshot that lacks a trial', async () => {
    const population = new Population(toy, [toyTrial(0)], openData);
    const snapshot = await population.save();
    population.dispose();
    expect(() => new Population(toy, [toyTrial(1)], openData, snapshot)).toThrow('does not hold trial');
  });

  it('hands the program its monitors, summed since the last report', async () => {
    await results([toyTrial(0, { steps: 12 })]);
    expect(observed).toEqual([
      { sums: [5, 10], updates: 5 },
      { sums: [5, 10], updates: 5 },
      { sums: [2, 4], updates: 2 },
    ]);
  });

  it('keeps no tensors of its steps, of dropped replicas, or after the end', async () => {
    const before = tf.memory().numTensors;
    const population = new Population(toy, [toyTrial(0, NOISY), toyTrial(1, { clip: { at: 1 } })], openData);
    await runSteps(population, 5);
    const afterFive = tf.memory().numTensors;
    await runSteps(population, 10);
    expect(tf.memory().numTensors).toBe(afterFive);
    population.keep([1]);
    await runSteps(population, 5);
    expect(tf.memory().numTensors).toBe(afterFive);
    population.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('succeeds', () => {
  it('is strict at the bound, and false for a figure that is missing or not a number', () => {
    expect(succeeds({ accuracy: 0.91 }, { metric: 'accuracy', above: 0.9 })).toBe(true);
    expect(succeeds({ accuracy: 0.9 }, { metric: 'accuracy', above: 0.9 })).toBe(false);
    expect(succeeds({ error: 0 }, { metric: 'error', below: 0 })).toBe(false);
    expect(succeeds({}, { metric: 'accuracy', above: 0.9 })).toBe(false);
    expect(succeeds({ accuracy: Number.NaN }, { metric: 'accuracy', above: 0.9 })).toBe(false);
  });
});
