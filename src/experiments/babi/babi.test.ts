import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateTask } from '../../data/babi/generate/index.js';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.js';
import { HostStream } from '../../random/streams.js';
import { Population } from '../../trainer/population.js';
import { settingsOf } from '../../trainer/settings.js';
import type { TrialResult } from '../../trainer/train.js';
import { train } from '../../trainer/train.js';
import type { Trial } from '../../trials/trial.js';
import type { DataContext } from '../experiment.js';
import { unplannedTrial } from '../unplanned.js';
import { babi } from './experiment.js';
import { forward, positionWeights } from './network.js';
import { babiProgram, rateFactor } from './program.js';
import { noisyTimes, plainTimes, splitOf } from './questions.js';
import { type BabiSettings, babiTrainSchema, dataSchema, modelSchema } from './settings.js';

const context: DataContext = { folders: [], offline: true, notice() {} };

function settings(model: object = {}, train: object = {}): BabiSettings {
  return {
    data: dataSchema.parse({ source: 'generated', tasks: [1], trainQuestions: 100, testQuestions: 100 }),
    model: modelSchema.parse({ width: 20, ...model }),
    train: babiTrainSchema.parse({ batchSize: 32, epochs: 2, halveEvery: 25, rate: 0.01, ...train }),
  };
}

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

describe('the network', () => {
  it('computes by hand what it computes: one hop, width 2, two sentences', () => {
    // Words: nil, a, b, then time words t1, t2. Story "a" (older, t2), "b" (latest, t1); question "a".
    const tables = [
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [0.5, 0],
        [0, 0.5],
      ],
      [
        [0, 0],
        [2, 1],
        [1, 2],
        [1, 1],
        [0, 1],
      ],
    ];
    const matrices = tables.map((rows) => tf.tensor3d([rows]));
    const ids = tf.tensor4d(
      [
        [
          [
            [1, 4],
            [2, 3],
            [0, 0],
          ],
        ],
      ],
      [1, 1, 3, 2],
      'int32',
    );
    const weights = positionWeights('position', 2, 2);
    // l = 1 + 4 (k - 1.5)(j - 1.5) / 4: 1.25 and 0.75 for the word, 0.75 and 1.25 for the time word.
    expect(weights.arraySync()).toEqual([
      [1.25, 0.75],
      [0.75, 1.25],
    ]);
    const logits = forward(matrices, tf.tensor3d([[[1]]], [1, 1, 1], 'int32'), {
      ids,
      weights,
      linear: tf.tensor1d([0]),
    });
    // u = (1.25, 0); m_1 = (1.25, 0.625), m_2 = (0.375, 0.75); scores 1.5625, 0.46875 and 0 for the empty sentence.
    const powers = [Math.exp(1.5625), Math.exp(0.46875), 1];
    const total = powers.reduce((sum, power) => sum + power, 0);
    const [p1, p2] = powers.map((power) => power / total) as [number, number];
    // c_1 = (2.5, 0.75 + 1.25), c_2 = (1.25 + 0.75, 1.5 + 1.25).
    const u = [1.25 + p1 * 2.5 + p2 * 2, p1 * 2 + p2 * 2.75];
    const expected = tables[1]!.map(([x, y]) => x! * u[0]! + y! * u[1]!);
    for (const [id, logit] of logits.dataSync().entries()) expect(logit).toBeCloseTo(expected[id]!, 5);
  });

  it('uses each matrix in all its places: its gradient is the slope of the loss as the matrix moves', () => {
    const program = babiProgram([{ seed: 3, settings: settings({ width: 6, deviation: 0.4 }) }], stories());
    const parameters = program.initialise();
    const batch = program.batch(0);
    const loss = (tensors: readonly tf.Tensor[]) => program.loss(tensors, batch, tf.scalar(0, 'int32')).loss;
    const { grads } = tf.valueAndGrads((...tensors) => loss(tensors))(parameters);
    const random = new HostStream(5, 'task');
    expect(parameters).toHaveLength(4);
    for (const [which, matrix] of parameters.entries()) {
      const values = Float32Array.from({ length: matrix.size }, () => random.normal());
      const direction = program.constrain!([tf.tensor(values, matrix.shape)])[0]!;
      const moved = (step: number) =>
        loss(parameters.map((t, i) => (i === which ? tf.add(t, tf.mul(direction, step)) : t))).dataSync()[0]!;
      const slope = (moved(4e-3) - moved(-4e-3)) / 8e-3;
      expect(tf.sum(tf.mul(grads[which]!, direction)).dataSync()[0]! / slope).toBeCloseTo(1, 2);
      expect(program.constrain!([grads[which]!])[0]!.dataSync()).toEqual(grads[which]!.dataSync());
    }
  });

  it('sums the loss over the batch', () => {
    const program = babiProgram([{ seed: 0, settings: settings() }], stories());
    const parameters = program.initialise().map((matrix) => tf.zerosLike(matrix));
    const { loss } = program.loss(parameters, program.batch(0), tf.scalar(0, 'int32'));
    const words = parameters[0]!.shape[1]!;
    expect(loss.dataSync()[0]).toBeCloseTo(32 * Math.log(words), 3);
    const uniform = tf.zeros([1, 2, words]) as tf.Tensor3D;
    expect(softmaxCrossEntropy(uniform, tf.zeros([1, 2], 'int32')).dataSync()[0]).toBeCloseTo(
      Math.log(words),
      4,
    );
  });
});

describe('training', () => {
  it('keeps the nil word at zero with noise on, and the replicas of a population independent', async () => {
    const noisy = trial(0, settings({}, { noise: { eta: 1 } }));
    const plain = trial(1, settings());
    const [alone] = await trained([plain]);
    const [, among] = await trained([noisy, plain]);
    expect(among!.metrics.trainError).toBeCloseTo(alone!.metrics.trainError!, 5);
    const population = new Population(babi, [noisy, plain], await babi.openData(settings().data, context));
    for (let i = 0; i < 5; i++) population.update();
    const { tensors } = await population.save();
    for (const { shape, data } of tensors.slice(0, 4)) {
      const [, words, width] = shape as [number, number, number];
      for (let r = 0; r < 2; r++) {
        const row = data.subarray(r * words * width, r * words * width + width);
        expect([...row].every((value) => value === 0)).toBe(true);
      }
      expect(data.every(Number.isFinite)).toBe(true);
    }
    population.dispose();
  });

  it('learns task 1 to an error under 5%, one stage and two stages, with noise and without', async () => {
    const data = dataSchema.parse({ source: 'generated', tasks: [1] });
    const at = (train: object) => ({ ...settings({}, { epochs: 20, ...train }), data });
    const stages = [{}, { rate: 0.005, linearEpochs: 5, epochs: 15 }];
    for (const stage of stages) {
      const noisy = { noise: { eta: 1 }, clip: { by: 'tensor-norm', at: 40 } };
      const quiet = { clip: { by: 'tensor-norm', at: 40 } };
      const results = await trained([
        trial(0, at({ ...stage, ...quiet })),
        trial(0, at({ ...stage, ...noisy })),
      ]);
      for (const { metrics } of results) {
        expect(metrics.testError).toBeLessThan(0.05);
        expect(metrics.trainError).toBeLessThan(0.05);
      }
    }
  });

  it('halves the rate at the start of epochs 25, 50, ... after the linear start', () => {
    // Epochs of 10 updates, 3 linear ones before.
    const factor = (epoch: number, update: number) =>
      rateFactor(tf.scalar(30 + 10 * (epoch - 1) + update, 'int32'), 30, 10, 25).dataSync()[0];
    expect(rateFactor(tf.scalar(0, 'int32'), 30, 10, 25).dataSync()[0]).toBe(1);
    expect([factor(1, 0), factor(24, 9), factor(25, 0), factor(49, 9), factor(50, 0)]).toEqual([
      1, 1, 0.5, 0.5, 0.25,
    ]);
  });

  it('goes on from its own saved state', async () => {
    const program = babiProgram([{ seed: 0, settings: settings() }], stories());
    program.observe!([Float32Array.of(16)], 2);
    const states = program.save!();
    expect(states).toEqual([0.25]);
    const other = babiProgram([{ seed: 0, settings: settings() }], stories());
    other.restore!(states);
    const [metrics] = await other.evaluate(program.initialise());
    expect(metrics!.trainError).toBe(0.25);
  });
});

describe('time words', () => {
  it('count from the latest statement', () => {
    expect([...plainTimes(3)]).toEqual([3, 2, 1]);
  });

  it('have gaps under noise, but keep their order and stay within the memory', () => {
    const random = new HostStream(0, 'batches');
    let gaps = 0;
    for (let i = 0; i < 200; i++) {
      const times = [...noisyTimes(8, 0.25, 9, random)];
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(Math.max(...times)).toBeLessThanOrEqual(9);
      if (times.join() !== plainTimes(8).join()) gaps += 1;
    }
    expect(gaps).toBeGreaterThan(50);
    expect([...noisyTimes(5, 0, 9, random)]).toEqual([5, 4, 3, 2, 1]);
    expect([...noisyTimes(0, 0.1, 9, random)]).toEqual([]);
  });
});

it('holds out the last tenth of one task, and a random tenth of several', () => {
  expect([...splitOf(20, 1).validation]).toEqual([18, 19]);
  const { train, validation } = splitOf(200, 2);
  expect([...train, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  expect(Math.min(...validation)).toBeLessThan(180);
});

it('several tasks are learned jointly, and each is reported', async () => {
  const data = dataSchema.parse({
    source: 'generated',
    tasks: [1, 20],
    trainQuestions: 40,
    testQuestions: 20,
  });
  const [result] = await trained([trial(0, { ...settings({}, { epochs: 1 }), data })]);
  const { task1TestError, task20TestError, testError } = result!.metrics;
  expect(testError).toBeCloseTo((task1TestError! + task20TestError!) / 2, 6);
});

describe('data', () => {
  const data = (changes: object) => dataSchema.parse({ source: 'babi', tasks: [1], ...changes });

  it('has generated tasks for a second choice only where the config allows it', () => {
    expect(babi.dataVariants!(data({}))).toEqual([data({})]);
    expect(babi.dataVariants!(data({ fallback: 'generated' }))).toEqual([
      data({}),
      data({ source: 'generated' }),
    ]);
    const tested = { source: 'generated', test: 'babi' };
    expect(babi.dataVariants!(data({ ...tested, fallback: 'generated' }))).toEqual([
      data(tested),
      data({ source: 'generated' }),
    ]);
  });

  it('can always be generated, and is not fetched offline', async () => {
    expect(await babi.obtainData!(data({ source: 'generated' }), context)).toBe(true);
    expect(await babi.obtainData!(data({}), context)).toBe(false);
    expect(await babi.obtainData!(data({ source: 'generated', test: 'babi' }), context)).toBe(false);
  });

  it('is the first so many questions', async () => {
    const { tasks } = await babi.openData(
      data({ source: 'generated', trainQuestions: 12, testQuestions: 3 }),
      context,
    );
    const count = tasks[0]!.train.reduce((sum, { questions }) => sum + questions.length, 0);
    expect([count, tasks[0]!.test[0]!.questions.length]).toEqual([12, 3]);
  });
});

function stories() {
  return { tasks: [generateTask(1, { train: 100, test: 100, seed: 0 })], dispose() {} };
}

const trial = (seed: number, own: BabiSettings): Trial => unplannedTrial(babi, own, seed);

/** Trains to the end; results in the order of the trials. */
async function trained(trials: readonly Trial[]): Promise<TrialResult[]> {
  const described = settingsOf(babi, trials[0]!.description);
  const population = new Population(babi, trials, await babi.openData(described.data, context));
  const results = new Map<Trial, TrialResult>();
  await train(population, babi.budget(described), {
    onProgress() {},
    onFinished: (trial, result) => void results.set(trial, result),
    onTurn: async () => {},
    wantsSnapshot: () => false,
    onSnapshot() {},
    signal: new AbortController().signal,
  });
  population.dispose();
  return trials.map((trial) => results.get(trial)!);
}
