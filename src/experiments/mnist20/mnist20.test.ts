import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { syntheticDigits } from '../../data/synthetic-digits.js';
import { globalNorm } from '../../method/clip.js';
import { structureOf } from '../../runner/structure.js';
import type { DataContext, Replica } from '../experiment.js';
import { weightCount } from '../memory.js';
import { unplannedTrial } from '../unplanned.js';
import { type Digits, dataVariants, obtainDigits, openDigits } from './data.js';
import { mnist20 } from './experiment.js';
import {
  forward,
  initialise,
  parametersOf,
  summedParameters,
  sussilloGain,
  weightDeviation,
  widthsOf,
} from './network.js';
import { mnistProgram } from './program.js';
import { dataSchema, type MnistSettings, mnistTrainSchema, modelSchema } from './settings.js';

const context: DataContext = { folders: [], offline: true, notice() {} };

function settings(model: object = {}, train: object = {}): MnistSettings {
  return {
    data: dataSchema.parse({ source: 'synthetic-digits', trainExamples: 60, testExamples: 40 }),
    model: modelSchema.parse({ init: 'simple', layers: 3, units: 8, ...model }),
    train: mnistTrainSchema.parse({ batchSize: 20, epochs: 1, rate: 0.1, ...train }),
  };
}

const replicas = (seeds: number[], each = settings()): Replica<MnistSettings>[] =>
  seeds.map((seed) => ({ seed, settings: each }));

const digits = (): Promise<Digits> => openDigits(settings().data, context);

describe('the network of 20 layers', () => {
  it('has 784-50-...-50-10 units and 88,010 weights and biases', () => {
    const widths = widthsOf({ layers: 20, units: 50 });
    expect(widths).toHaveLength(22);
    const weights = parametersOf(widths).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    expect(weights.reduce((a, b) => a + b, 0)).toBe(784 * 50 + 50 + 19 * (50 * 50 + 50) + 50 * 10 + 10);
  });

  it.each([1, 2, 20])(
    'has as many weights and biases in %d layers as is reckoned without a list of them',
    (layers) => {
      const model = { layers, units: 50 };
      expect(weightCount(summedParameters(model))).toBe(weightCount(parametersOf(widthsOf(model))));
    },
  );

  it.each([
    [50, 1.4503],
    [10, 1.6561],
  ])('has for ReLU layers of width %i the Sussillo & Abbott gain %d', (width, gain) => {
    expect(sussilloGain(width)).toBeCloseTo(gain, 4);
  });

  it('starts with weights of the deviation its scheme asks for, and biases of 0', () => {
    const schemes = ['simple', 'zero', 'he', 'sussillo'] as const;
    const widths = widthsOf({ layers: 3, units: 50 });
    const models = schemes.map((init, seed) => ({ seed, model: modelSchema.parse({ init }) }));
    const parameters = initialise(widths, models);
    for (const [r, { model }] of models.entries()) {
      const weights = tf.slice(parameters[0]!, [r, 0, 0], [1, -1, -1]);
      const deviation = weightDeviation(model, 784);
      expect(globalNorm([weights]).dataSync()[0]! / Math.sqrt(weights.size)).toBeCloseTo(deviation, 3);
    }
    expect(globalNorm([parameters[1]!]).dataSync()).toEqual(new Float32Array(4));
  });

  it('starts a seed with the same weights alone and in a population', () => {
    const widths = widthsOf({ layers: 2, units: 5 });
    const model = modelSchema.parse({ init: 'he' });
    const alone = initialise(widths, [{ seed: 7, model }]);
    const among = initialise(
      widths,
      [5, 6, 7].map((seed) => ({ seed, model })),
    );
    for (const [i, tensor] of alone.entries())
      expect(tf.slice(among[i]!, 2, 1).dataSync()).toEqual(tensor.dataSync());
  });

  it('computes, layer by layer, relu(x w + b), and a linear output', () => {
    const [w1, b1] = [tf.tensor3d([[[1, -1]]]), tf.tensor2d([[0.5, 0.5]])];
    const [w2, b2] = [tf.tensor3d([[[2], [3]]]), tf.tensor2d([[-10]])];
    const logits = forward([w1, b1, w2, b2], tf.tensor3d([[[2], [-2]]]));
    expect([...logits.dataSync()]).toEqual([2 * 2.5 - 10, 3 * 2.5 - 10]);
  });
});

describe('the program', () => {
  it('shows every replica each training image once an epoch, in an order of its own', async () => {
    const opened = await digits();
    const program = mnistProgram(replicas([0, 1]), opened);
    const seen = [0, 1, 2].map((step) => program.batch(step).labels!.arraySync() as number[][]);
    const labels = [...opened.train.labels.dataSync()].sort();
    for (const r of [0, 1]) expect(seen.flatMap((batch) => batch[r]!).sort()).toEqual(labels);
    expect(seen[0]![0]).not.toEqual(seen[0]![1]);
    expect(program.batch(3).labels!.arraySync()).not.toEqual(seen[0]);
  });

  it('gives a seed the same batches alone, in a population and after a resume', async () => {
    const opened = await digits();
    const alone = mnistProgram(replicas([4]), opened)
      .batch(4)
      .images!.dataSync();
    const among = mnistProgram(replicas([3, 4]), opened).batch(4).images!;
    expect(tf.slice(among, 1, 1).dataSync()).toEqual(alone);
  });

  it('has the gradient that finite differences give', async () => {
    const opened = await digits();
    const program = mnistProgram(replicas([0], settings({ init: 'he' })), opened);
    const parameters = program.initialise();
    const batch = program.batch(0);
    const step = tf.scalar(0, 'int32');
    const loss = (...p: tf.Tensor[]) => program.loss(p, batch, step).loss;
    const gradients = tf.grads(loss)(parameters);
    for (const [i, gradient] of gradients.entries()) {
      // Along the gradient itself, in steps short enough for the kinks of ReLU.
      const slope = globalNorm([gradient]).dataSync()[0]!;
      const along = tf.div(gradient, slope);
      const moved = (by: number) =>
        loss(...parameters.map((p, k) => (k === i ? tf.add(p, tf.mul(along, by)) : p))).dataSync()[0]!;
      expect((moved(1e-3) - moved(-1e-3)) / (2e-3 * slope)).toBeCloseTo(1, 1);
    }
  });

  it('starts at chance from zero weights: a loss of ln 10 and the share of one class', async () => {
    const opened = await digits();
    const program = mnistProgram(replicas([0], settings({ init: 'zero' })), opened);
    const parameters = program.initialise();
    const { loss } = program.loss(parameters, program.batch(0), tf.scalar(0, 'int32'));
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(10), 5);
    const zeros = [...opened.test.labels.dataSync()].filter((label) => label === 0).length;
    expect(await program.evaluate(parameters)).toEqual([{ testAccuracy: zeros / 40 }]);
  });

  it('scales the loss, and with it the gradient, by the factor it is given', async () => {
    const opened = await digits();
    const lossWith = (train: object) => {
      const program = mnistProgram(replicas([0], settings({}, train)), opened);
      return program.loss(program.initialise(), program.batch(0), tf.scalar(0, 'int32')).loss.dataSync()[0]!;
    };
    expect(lossWith({ lossScale: 0.1 })).toBeCloseTo(0.1 * lossWith({}), 6);
  });

  it('drops hidden units in training only, differently at every step', async () => {
    const opened = await digits();
    const program = mnistProgram(replicas([0], settings({ init: 'he' }, { dropout: 0.5 })), opened);
    const parameters = program.initialise();
    const batch = program.batch(0);
    const lossAt = (step: number) =>
      program.loss(parameters, batch, tf.scalar(step, 'int32')).loss.dataSync()[0];
    expect(lossAt(0)).toBe(lossAt(0));
    expect(lossAt(0)).not.toBe(lossAt(1));
    expect(await program.evaluate(parameters)).toEqual(await program.evaluate(parameters));
  });

  it('keeps no tensors of batches, losses and tests', async () => {
    const opened = await digits();
    const before = tf.memory().numTensors;
    const program = mnistProgram(replicas([0, 1]), opened);
    const parameters = program.initialise();
    for (const step of [0, 1, 3]) tf.dispose(program.batch(step));
    tf.tidy(() => void program.loss(parameters, program.batch(0), tf.scalar(0, 'int32')));
    await program.evaluate(parameters);
    tf.dispose(parameters);
    program.dispose();
    expect(tf.memory().numTensors).toBe(before);
    opened.dispose();
    expect(tf.memory().numTensors).toBe(before - 4);
  });
});

describe('the data', () => {
  it('stands in synthetic digits for MNIST only where the config names them', () => {
    const asked = dataSchema.parse({ source: 'mnist', fallback: 'synthetic-digits' });
    expect(dataVariants(asked).map(({ source }) => source)).toEqual(['mnist', 'synthetic-digits']);
    expect(dataVariants({ ...asked, fallback: 'none' })).toHaveLength(1);
  });

  it('cannot have MNIST offline where no folder holds it', async () => {
    expect(await obtainDigits(dataSchema.parse({ source: 'mnist' }), context)).toBe(false);
  });

  it.each([
    ['unit', 0, 1],
    ['raw', 0, 255],
    [64, 0, 64],
  ] as const)('scales pixels, %s, to between %d and %d', async (inputs, low, high) => {
    const { train } = await openDigits({ ...settings().data, inputs }, context);
    expect(tf.min(train.images).dataSync()[0]).toBe(low);
    expect(tf.max(train.images).dataSync()[0]).toBeCloseTo(high, 4);
  });

  it('standardises pixels to mean 0 and deviation 1 over the training images', async () => {
    const { train } = await openDigits({ ...settings().data, inputs: 'standardised' }, context);
    expect(tf.mean(train.images).dataSync()[0]).toBeCloseTo(0, 4);
    expect(tf.mean(tf.square(train.images)).dataSync()[0]).toBeCloseTo(1, 4);
  });

  const folder = '../shared/data';
  const present = existsSync(`${folder}/mnist/train-images-idx3-ubyte.gz`);
  if (!present) console.log(`skipped: MNIST on the device (no ${folder}/mnist)`);
  it.runIf(present)('puts the real images on the device, the first so many of them', async () => {
    const data = dataSchema.parse({ source: 'mnist', trainExamples: 5, testExamples: 3 });
    const { train, test } = await openDigits(data, { ...context, folders: [folder] });
    expect([...train.labels.dataSync()]).toEqual([5, 0, 4, 1, 9]);
    expect([...test.labels.dataSync()]).toEqual([7, 2, 1]);
    expect(train.images.shape).toEqual([5, 784]);
  });
});

describe('the experiment', () => {
  it('refuses batches larger than the training set', () => {
    expect(mnist20.check!(settings({}, { batchSize: 61 }))).toEqual([
      { path: 'train.batchSize', message: 'must not exceed the 60 training examples, got 61' },
    ]);
  });

  it('lets trials train in lockstep that differ in start, rate, clipping and noise', () => {
    const structure = (own: MnistSettings) => structureOf(mnist20, unplannedTrial(mnist20, own, 0));
    const other = settings({ init: 'zero' }, { rate: 0.01, clip: { at: 1 }, noise: { eta: 1 } });
    expect(structure(other)).toEqual(structure(settings()));
    expect(structure(settings({ layers: 4 }))).not.toEqual(structure(settings()));
    expect(structure(settings({}, { dropout: 0.1 }))).not.toEqual(structure(settings()));
  });

  it('uses the same synthetic digits for every trial', async () => {
    const [one, other] = await Promise.all(
      // Each opens them anew, as processes of their own do.
      [settings({}, { rate: 1 }), settings({ init: 'he' })].map(({ data }) =>
        mnist20.openData(data, context),
      ),
    );
    for (const part of ['train', 'test'] as const) {
      expect(other![part].images.dataSync()).toEqual(one![part].images.dataSync());
      expect(other![part].labels.dataSync()).toEqual(one![part].labels.dataSync());
    }
    const drawn = syntheticDigits({ train: 60, test: 40, seed: 0 }).train;
    expect([...one!.train.labels.dataSync()]).toEqual([...drawn.labels]);
  });
});
