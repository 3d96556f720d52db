import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { structureOf } from '../../runner/structure.js';
import { Population } from '../../trainer/population.js';
import type { Metrics } from '../experiment.js';
import { unplannedTrial } from '../unplanned.js';
import { exampleAt, type TestSet } from './examples.js';
import { kthElement } from './experiment.js';
import { stopProbabilities } from './network.js';
import { dataSchema, type KthElementSettings, kthElementTrainSchema, modelSchema } from './settings.js';
import { discreteAnswer, traceRun } from './trace.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await tf.ready();
  await registerWasmKernels();
});

/** Of finite differences: short beside the curvature, long beside float32's rounding. */
const STEP = 2e-3;

type Changes = { data?: object; model?: object; train?: object };

/** A tiny Access, which trains in a second. */
function settings({ data, model, train }: Changes = {}): KthElementSettings {
  const adam = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  return {
    data: dataSchema.parse({ task: 'Access', memory: 5, maximum: 3, testExamples: 100, ...data }),
    model: modelSchema.parse({ units: 16, registers: 2, steps: 2, ...model }),
    train: kthElementTrainSchema.parse({
      batchSize: 16,
      optimiser: adam,
      rate: 0.02,
      activationClip: 10,
      clip: { by: 'global-norm', at: 100 },
      entropy: { coefficient: 1e-3, decay: 0.999 },
      curriculum: { gap: 20 },
      evaluateEvery: 100,
      updates: 200,
      ...train,
    }),
  };
}

async function programOf(...replicas: { seed: number; settings: KthElementSettings }[]) {
  const data = await kthElement.openData(replicas[0]!.settings.data, undefined as never);
  return kthElement.program(replicas, data);
}

async function population(...replicas: { seed: number; settings: KthElementSettings }[]) {
  const data = await kthElement.openData(replicas[0]!.settings.data, undefined as never);
  const trials = replicas.map(({ seed, settings }) => unplannedTrial(kthElement, settings, seed));
  return { trials, data, open: new Population(kthElement, trials, data) };
}

describe('the loss', () => {
  it.each(['lstm', 'mlp'])(
    'has the gradient of finite differences in every parameter (%s)',
    async (controller) => {
      const own = settings({
        data: { task: 'ListK', memory: 7, maximum: 2 },
        model: { controller, units: 6, steps: 3, outputScale: 1, haltBias: 0 },
        train: { batchSize: 4, activationClip: 1e9 },
      });
      const program = await programOf({ seed: 1, settings: own });
      const parameters = program.initialise();
      const batch = program.batch(0);
      const loss = (...p: tf.Tensor[]) =>
        tf.sum(program.loss(p, batch, tf.scalar(0, 'int32')).loss) as tf.Scalar;
      const gradients = tf.grads(loss)(parameters);
      for (const [i, gradient] of gradients.entries()) {
        const slope = tf.norm(gradient).dataSync()[0]!;
        const at = (step: number) =>
          loss(...parameters.map((p, j) => (i === j ? p.add(gradient.mul(step / slope)) : p))).dataSync()[0]!;
        const difference = (at(STEP) - at(-STEP)) / (2 * STEP);
        expect(slope, program.parameters[i]!.name).toBeGreaterThan(1e-3);
        expect(Math.abs(difference / slope - 1), program.parameters[i]!.name).toBeLessThan(0.02);
      }
    },
  );

  it('is that of the last time step where the controller never wants to stop', async () => {
    const lossAt = async (haltBias: number) => {
      const model = { haltBias, outputScale: 0 };
      const train = { entropy: { coefficient: 0, decay: 1 } };
      const program = await programOf({ seed: 1, settings: settings({ model, train }) });
      const { loss } = program.loss(program.initialise(), program.batch(0), tf.scalar(0, 'int32'));
      return loss.dataSync()[0]! / 16;
    };
    // All choices equally likely: a second step spreads the answer cell over more integers than the first.
    const [first, last, mixed] = [await lossAt(50), await lossAt(-50), await lossAt(0)];
    expect(last).toBeGreaterThan(0.1);
    expect(first).not.toBeCloseTo(last, 2);
    expect(mixed).toBeCloseTo((first + last) / 2, 4);
  });

  it('gives the last time step the probability that is left, whatever its halt logit would be', () => {
    const halts = [0.25, 0.5, 0].map((f) => tf.tensor1d([f]));
    const stops = stopProbabilities(halts, 1).map((p) => p.dataSync()[0]);
    expect(stops).toEqual([0.25, 0.375, 0, 0.375]);
  });

  it('averaged over the batch has the gradient of the sum, divided, also where activations are clipped', async () => {
    const train = { activationClip: 0.01 };
    const gradientsOf = async (loss: 'sum' | 'mean') => {
      const program = await programOf({ seed: 1, settings: settings({ train: { ...train, loss } }) });
      const batch = program.batch(0);
      return tf.grads((...p) => tf.sum(program.loss(p, batch, tf.scalar(0, 'int32')).loss) as tf.Scalar)(
        program.initialise(),
      );
    };
    const [sum, mean] = [await gradientsOf('sum'), await gradientsOf('mean')];
    for (const [i, g] of sum.entries())
      expect(tf.max(tf.abs(tf.sub(tf.div(g, 16), mean[i]!))).dataSync()[0]).toBeLessThan(1e-5);
  });
});

describe('training', () => {
  it('solves Access without an error, at every seed', async () => {
    const { open } = await population(...[1, 2, 3].map((seed) => ({ seed, settings: settings() })));
    for (let step = 1; step <= 200; step++) {
      open.update();
      if (step % 20 === 0) await open.report();
    }
    for (const { testError, level } of await open.evaluate()) {
      expect(testError).toBe(0);
      expect(level).toBe(3);
    }
    open.dispose();
  });

  it('counts the errors of discretised runs as the executor on integers makes them', async () => {
    // Before it has learnt the task, when a discretised run and a soft one differ most.
    const own = settings({
      data: { task: 'ListK', memory: 7, maximum: 2 },
      model: { outputScale: 1, steps: 3 },
    });
    const { open, data } = await population({ seed: 3, settings: own });
    for (let step = 1; step <= 20; step++) open.update();
    const [{ discreteError, testError }] = (await open.evaluate()) as [Metrics];
    const { examples } = data as TestSet;
    const wrong = Array.from({ length: examples.count }, (_, i) => exampleAt(examples, i)).filter(
      ({ memory, targets }) => discreteAnswer(traceRun(own.model, open.parameters, memory), 2) !== targets[2],
    );
    expect(discreteError).toBeCloseTo(wrong.length / examples.count, 6);
    expect(discreteError).not.toBe(testError);
    open.dispose();
  });

  it('goes on from a snapshot bit for bit, curriculum included, alone as in a population', async () => {
    const replicas = [4, 5].map((seed) => ({
      seed,
      // Rates differ within a population; so do levels, soon.
      settings: settings({ train: { rate: seed === 4 ? 0.02 : 0.001, noise: { eta: 0.01 } } }),
    }));
    const both = await population(...replicas);
    const advance = async ({ open }: typeof both, from: number, to: number) => {
      for (let step = from + 1; step <= to; step++) {
        open.update();
        if (step % 20 === 0) await open.report();
      }
    };
    await advance(both, 0, 90);
    const snapshot = await both.open.save();
    await advance(both, 90, 130);
    const expected = await both.open.save();
    expect(snapshot.host).not.toEqual([{ level: 2 }, { level: 2 }]);

    const alone = await population(replicas[0]!);
    const resumed = {
      ...alone,
      open: new Population(kthElement, alone.trials, alone.data, snapshot),
    };
    await advance(resumed, 90, 130);
    const actual = await resumed.open.save();
    expect(actual.host![0]).toEqual(expected.host![0]);
    for (const [i, { data }] of actual.tensors.entries())
      expect(data).toEqual(expected.tensors[i]!.data.slice(0, data.length));
  });

  it('puts trials together that differ in numbers only', () => {
    const structure = (changes: Changes) =>
      structureOf(kthElement, unplannedTrial(kthElement, settings(changes), 0));
    const same = { train: { rate: 0.1, activationClip: 1, entropy: { coefficient: 0, decay: 1 } } };
    expect(structure(same)).toEqual(structure({}));
    expect(structure({ model: { units: 8 } })).not.toEqual(structure({}));
  });
});
