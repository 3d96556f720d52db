import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { mnist20 } from '../../../experiments/mnist20/experiment.js';
import { dataSchema, mnistTrainSchema, modelSchema } from '../../../experiments/mnist20/settings.js';
import { unplannedTrial } from '../../../experiments/unplanned.js';
import { adam } from '../../../method/adam.js';
import { clipByGlobalNorm, clipByNorm } from '../../../method/clip.js';
import { descend, type Trained } from '../../../method/descend.js';
import { addNoise } from '../../../method/noise.js';
import { annealed } from '../../../method/schedules.js';
import { sgd } from '../../../method/sgd.js';
import { tensorsByPath } from '../../../method/tensor-tree.js';
import { chain, type GradientTransformation } from '../../../method/transformation.js';
import { cgru, cgruWeights } from '../../../ops/convolutional-gru.js';
import { dense } from '../../../ops/dense.js';
import { type DenseLayer, denseStack } from '../../../ops/dense-stack.js';
import { embedBags } from '../../../ops/embed-bags.js';
import { memoryHop } from '../../../ops/memory-hop.js';
import { norms, squaredNorm } from '../../../ops/squared-norm.js';
import { Population } from '../../../trainer/population.js';
import type { Binding } from '../binding.js';
import { diagnoseTensorflow } from '../diagnose.js';
import { openTensorflow } from '../load.js';

const ready = (await diagnoseTensorflow()).state === 'ready';

/** Numbers in [-1, 1] that are the same on every backend. */
function filled(...shape: number[]): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + size));
  return tf.tensor(values, shape);
}

/** Word ids below 9, of which the first of every bag is the nil word. */
function ids(...shape: number[]): tf.Tensor {
  const values = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
    i % shape.at(-1)! === 0 ? 0 : (i * 7) % 9,
  );
  return tf.tensor(values, shape, 'int32');
}

/** A table whose nil row is zero. */
function table(width: number): tf.Tensor3D {
  return tf.concat([tf.zeros([3, 1, width]), filled(3, 8, width)], 1) as tf.Tensor3D;
}

/** The gradient of a table has a nil row that nobody reads. */
const withoutNil = (t: tf.Tensor) => (t.shape[1] === 9 ? t.slice([0, 1, 0]) : t);

/** A function's value and its gradients with respect to all inputs. */
function differentiated(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = f(...inputs);
  return [value, ...tf.grads(f)(inputs, filled(...value.shape))];
}

function stack(shared: boolean, widths: readonly number[]): tf.Tensor[] {
  const x = filled(shared ? 1 : 3, 4, widths[0]!) as tf.Tensor3D;
  const parameters = widths.slice(1).flatMap((O, l) => [filled(3, widths[l]!, O), filled(3, O)]);
  const run = (...all: tf.Tensor[]) => {
    const layers = widths.slice(1).map((_, l) => ({ w: all[2 * l]!, b: all[2 * l + 1]! }) as DenseLayer);
    return denseStack(x, layers);
  };
  return differentiated(run, parameters);
}

function hop(shared: boolean): tf.Tensor[] {
  const memory = {
    ids: ids(shared ? 1 : 3, 2, 5, 4) as tf.Tensor4D,
    weights: filled(4, 6) as tf.Tensor2D,
    linear: tf.tensor1d([0, 1, 0]),
  };
  const run = (...[query, input, output]: tf.Tensor[]) =>
    memoryHop(query as tf.Tensor3D, input as tf.Tensor3D, output as tf.Tensor3D, memory);
  return differentiated(run, [filled(3, 2, 6), table(6), table(6)]).map(withoutNil);
}

function unit(m: number, n: number): tf.Tensor[] {
  const hold = tf.tensor2d(
    Array.from({ length: 2 * n }, (_, i) => Number(i >= 2 * n - 1)),
    [2, n],
  );
  const run = (...[state, kernels, biases, others]: tf.Tensor[]) => {
    const weights = cgruWeights([
      { kernels: kernels as tf.Tensor3D, biases: biases as tf.Tensor2D },
      { kernels: kernels as tf.Tensor3D, biases: others as tf.Tensor2D },
    ]);
    return weights.reduce((image, own) => cgru(image, own, hold), state as tf.Tensor4D);
  };
  // Behind its end a sequence that is held in part is 0. Biases of 3 cut gates off.
  const padded = filled(2, n, 3, 4 * m).mul(tf.sub(1, hold.reshape([2, n, 1, 1])));
  return differentiated(run, [padded, filled(2, 27 * m, m), filled(2, 3 * m).mul(3), filled(2, 3 * m)]);
}

/** Parameters and state after two steps, in which one parameter has no gradient. */
function trained(...links: GradientTransformation[]): tf.Tensor[] {
  const chained = chain(...links);
  const parameters = {
    bias: filled(3, 5),
    frozen: filled(3, 6),
    w: filled(3, 7, 5),
    one: filled(3),
    other: filled(3, 2, 5),
    deep: filled(3, 2, 3, 3),
  };
  let now: Trained = { parameters, state: chained.init(parameters) };
  for (const step of [0, 1]) {
    const { frozen: _, ...gradients } = now.parameters;
    now = descend(chained, gradients, now, tf.scalar(step, 'int32'), tf.tensor1d([1, 0.5, 0]));
  }
  return [...tensorsByPath(now).values()];
}

const noise = () => addNoise(annealed({ eta: [0.3, 0, 1] }), { seed: [4, 5, 6] });

const cases: { readonly [name: string]: () => tf.Tensor[] } = {
  'a stack of layers': () => stack(false, [6, 5, 5, 4]),
  'a stack of one layer': () => stack(false, [6, 3]),
  'a stack on shared data': () => stack(true, [6, 5, 2]),
  'a layer with relu': () =>
    differentiated(
      (...[x, w, b]) => dense(x as tf.Tensor3D, w as tf.Tensor3D, b as tf.Tensor2D, 'relu'),
      [filled(3, 4, 6), filled(3, 6, 5), filled(3, 5)],
    ),
  'squares of large numbers': () => [
    squaredNorm(filled(3, 4, 2)),
    norms([[filled(3, 4).mul(1e30), filled(3, 2, 2)]]).div(1e30),
    norms([[filled(3, 4)], [filled(3, 2, 2).mul(1e30)]]).div([[1], [1e30]]),
  ],
  'gradient descent': () => trained(sgd([0.1, 0, 2])),
  'clipping, noise and gradient descent': () =>
    trained(clipByGlobalNorm([1, Infinity, 0.1]), noise(), sgd(0.1)),
  'clipping of each tensor and Adam': () => trained(clipByNorm([0.5, Infinity, 3]), adam({ rate: 0.1 })),
  'noise and Adam': () => trained(noise(), adam({ rate: 0.1, beta2: 0.9 })),
  'what diverges': () => {
    const lost = [Number.NaN, Infinity, 1].map((value) => tf.fill([1, 2, 2], value));
    const gradients = { w: tf.concat([tf.concat(lost, 0), tf.ones([3, 2, 2])], 1) };
    const chained = chain(clipByGlobalNorm(1), noise(), sgd(0.1));
    const before = { parameters: { w: tf.ones([3, 4, 2]) }, state: chained.init({ w: tf.ones([3, 4, 2]) }) };
    return [descend(chained, gradients, before, tf.scalar(0, 'int32')).parameters.w!];
  },
  'embedded sentences': () =>
    differentiated(
      (words) => embedBags(words as tf.Tensor3D, ids(3, 5, 4) as tf.Tensor3D, filled(4, 6) as tf.Tensor2D),
      [table(6)],
    ).map(withoutNil),
  'embedded sentences that replicas share': () =>
    differentiated(
      (words) => embedBags(words as tf.Tensor3D, ids(1, 5, 4) as tf.Tensor3D, filled(4, 6) as tf.Tensor2D),
      [table(6)],
    ).map(withoutNil),
  'a hop of a memory network': () => hop(false),
  'a hop over a memory that replicas share': () => hop(true),
  'units of the Neural GPU': () => unit(3, 4),
  'units of the Neural GPU on one position': () => unit(2, 1),
};

describe.skipIf(!ready)('kernels of the native backend', () => {
  beforeAll(async () => {
    await openTensorflow({ threads: 2 });
  });

  it.each(Object.keys(cases))('agree with what the cpu backend composes of ops: %s', async (name) => {
    const compute = () =>
      tf.tidy(() => cases[name]!().map((t) => ({ shape: t.shape, values: t.dataSync() })) as never);
    const native: Result[] = compute();
    await tf.setBackend('cpu');
    const plain: Result[] = compute();
    await tf.setBackend('tensorflow');
    expect(native.map(({ shape }) => shape)).toEqual(plain.map(({ shape }) => shape));
    for (const [i, { values }] of native.entries())
      for (const [k, value] of values.entries()) {
        const expected = plain[i]!.values[k]!;
        // NaN and infinities too.
        if (!Object.is(value, expected))
          expect(Math.abs(value - expected)).toBeLessThan(2e-5 * Math.max(1, Math.abs(expected)));
      }
  });

  it.each(Object.keys(cases))('leave no tensors: %s', (name) => {
    const run = () => tf.tidy(() => tf.dispose(cases[name]!()));
    run();
    const before = binding().getNumOfTensors();
    run();
    expect(binding().getNumOfTensors()).toBe(before);
  });

  it('keep to the bit a gradient without noise, a zero’s sign included', () => {
    const chained = chain(addNoise(annealed({ eta: [0, 1] }), { seed: [1, 2] }), sgd(1));
    const parameters = { w: tf.fill([2, 4], -0) };
    const before = { parameters, state: chained.init(parameters) };
    const after = descend(chained, { w: tf.zeros([2, 4]) }, before, tf.scalar(0, 'int32'));
    const [still, moved] = tf.unstack(after.parameters.w!).map((t) => [...t.dataSync()]);
    expect(still!.every((value) => Object.is(value, -0))).toBe(true);
    expect(moved!.every((value) => value !== 0)).toBe(true);
  });

  it('train the deep network of table 1 with at most 260 calls of TensorFlow a step, and one more for each replica', async () => {
    const train = {
      batchSize: 10,
      epochs: 1,
      rate: 0.1,
      clip: { by: 'global-norm', at: 10 },
      noise: { eta: 0.01 },
    };
    const settings = {
      data: dataSchema.parse({ source: 'synthetic-digits', trainExamples: 100, testExamples: 10 }),
      model: modelSchema.parse({ init: 'he', layers: 20 }),
      train: mnistTrainSchema.parse(train),
    };
    const data = await mnist20.openData(settings.data, { folders: [], offline: true, notice() {} });
    for (const R of [1, 5]) {
      const trials = Array.from({ length: R }, (_, seed) => unplannedTrial(mnist20, settings, seed));
      const population = new Population(mnist20, trials, data);
      population.update();
      const tensors = tf.memory().numTensors;
      expect(callsOf(() => population.update())).toBeLessThanOrEqual(260 + R);
      expect(tf.memory().numTensors).toBe(tensors);
      population.dispose();
    }
  });
});

type Result = { readonly shape: number[]; readonly values: tf.TypedArray };
type Counted = Binding & { getNumOfTensors(): number };

function backend(): { binding: Counted } {
  return tf.backend() as unknown as { binding: Counted };
}

const binding = () => backend().binding;

/** How many operations of TensorFlow `run` calls. */
function callsOf(run: () => void): number {
  const real = binding();
  let calls = 0;
  const executeOp: Binding['executeOp'] = (...args) => {
    calls += 1;
    return real.executeOp(...args);
  };
  backend().binding = Object.create(real, { executeOp: { value: executeOp } }) as Counted;
  run();
  backend().binding = real;
  return calls;
}
