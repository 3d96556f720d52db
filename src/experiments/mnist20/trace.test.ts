import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWasmKernels } from '../../kernels/wasm/index.js';
import { type Digits, openDigits } from './data.js';
import { initialise, widthsOf } from './network.js';
import { mnistProgram } from './program.js';
import { dataSchema, type MnistSettings, mnistTrainSchema, modelSchema } from './settings.js';
import { explain } from './trace.js';

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

const settings: MnistSettings = {
  data: dataSchema.parse({ source: 'synthetic-digits', trainExamples: 20, testExamples: 40 }),
  model: modelSchema.parse({ init: 'he', layers: 2, units: 8 }),
  train: mnistTrainSchema.parse({ batchSize: 20, epochs: 1, rate: 0.1 }),
};
const digits = () => openDigits(settings.data, { folders: [], offline: true, notice() {} });

/** Three test images of two pixels each: (1, 0), (2, 0) and (0, 1). */
const few = () =>
  ({
    test: {
      count: 3,
      images: tf.tensor2d([1, 0, 2, 0, 0, 1], [3, 2]),
      labels: tf.tensor1d([4, 4, 6], 'int32'),
    },
  }) as Digits;

/** Two units, of which the second is dead; the first one's activity is the logit of class 4, and class 6 has 1.5. */
const byHand = () => [
  tf.tensor3d([1, -1, 0, 0], [1, 2, 2]),
  tf.tensor2d([[0, 0]]),
  tf.tensor3d([[oneOf(10, 4), new Array<number>(10).fill(0)]]),
  tf.tensor2d([oneOf(10, 6).map((value) => 1.5 * value)]),
];

function oneOf(size: number, at: number): number[] {
  return Array.from({ length: size }, (_, i) => Number(i === at));
}

describe('the trace of a network on digits', () => {
  it('counts what is taken for what, and how active the layers are', async () => {
    const trained = { parameters: byHand(), state: null };
    const own = { ...settings, model: modelSchema.parse({ init: 'he', layers: 1, units: 2 }) };
    const { value, text } = await explain(trained, own, few(), { first: 2, count: 2 });
    const { confusion, layers, examples, testAccuracy } = value as {
      confusion: number[][];
      layers: { [name: string]: number }[];
      examples: { example: number; digit: number; probabilities: number[] }[];
      testAccuracy: number;
    };
    // The logit of class 4 is 1, 2 and 0, that of class 6 always 1.5.
    expect([confusion[4]![6], confusion[4]![4], confusion[6]![6]]).toEqual([1, 1, 1]);
    expect(testAccuracy).toBeCloseTo(2 / 3, 9);
    expect(layers[0]).toMatchObject({ units: 2, active: 2 / 6, mean: 3 / 6, dead: 1 });
    // Activities 1, 2, 0 have the variance 2/3, those of the dead unit 0.
    expect(layers[0]!.deviation).toBeCloseTo(Math.sqrt(1 / 3), 6);
    expect(examples.map(({ example, digit }) => [example, digit])).toEqual([
      [2, 6],
      [0, 4],
    ]);
    expect(examples[0]!.probabilities[6]).toBeCloseTo(Math.exp(1.5) / (Math.exp(1.5) + 9), 5);
    expect(text).toContain('66.7% of 3 test images are right');
    expect(text).toMatch(/\|\s+1 \|\s+33\.3% \|\s+0\.500 \|\s+0\.577 \| 1 of 2 \|/);
    expect(text).toContain('Test image 2, a 6, is taken for 6 (0.33), then 0 (0.07), 1 (0.07).');
  });

  it('finds as many images right as the test of the training does, and keeps no tensors', async () => {
    const opened = await digits();
    const parameters = initialise(widthsOf(settings.model), [{ seed: 1, model: settings.model }]);
    const program = mnistProgram([{ seed: 1, settings }], opened);
    const [metrics] = await program.evaluate(parameters);
    const before = tf.memory().numTensors;
    const { value } = await explain({ parameters, state: null }, settings, opened, { first: 0, count: 1 });
    expect(value.testAccuracy).toBeCloseTo(metrics!.testAccuracy!, 9);
    expect(tf.memory().numTensors).toBe(before);
  });
});
