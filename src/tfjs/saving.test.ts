import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { adam } from '../method/adam.js';
import { adamw } from '../method/adamw.js';
import { clipByGlobalNorm, clipByNorm } from '../method/clip.js';
import { clipByValue } from '../method/clip-by-value.js';
import { masked } from '../method/masked.js';
import { momentum } from '../method/momentum.js';
import { addNoise } from '../method/noise.js';
import { cosineDecay, exponentialDecay, linear, piecewise, warmup } from '../method/rate-schedules.js';
import { rmsprop } from '../method/rmsprop.js';
import { scheduled } from '../method/scheduled.js';
import { annealed, constant, scalable } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { type Chain, chain, type GradientTransformation, transformation } from '../method/transformation.js';
import { weightDecay } from '../method/weight-decay.js';
import { asOptimizer, type ChainOptimizer } from './as-optimizer.js';
import { registerMaker } from './configs.js';
import { inject } from './inject.js';
import { withGradientNoise } from './with-gradient-noise.js';

/** What is written to disk, and what is read from there. */
async function saved(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  const keep = tf.io.withSaveHandler(async (own) => {
    artifacts = own;
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(own) };
  });
  await model.save(keep, { includeOptimizer: true });
  const { weightData, ...json } = artifacts!;
  return { ...JSON.parse(JSON.stringify(json)), weightData };
}

const loaded = (artifacts: tf.io.ModelArtifacts) =>
  tf.loadLayersModel(tf.io.fromMemory(artifacts)) as Promise<tf.Sequential>;

function network(optimizer: tf.Optimizer): tf.Sequential {
  const init = (seed: number) => ({ kernelInitializer: tf.initializers.glorotNormal({ seed }) });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 3, inputShape: [2], activation: 'tanh', ...init(1) }),
      tf.layers.dense({ units: 1, ...init(2) }),
    ],
  });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  return model;
}

const x = tf.randomNormal([16, 2], 0, 1, 'float32', 1);
const y = tf.sum(x, 1, true);
const train = (model: tf.LayersModel, epochs = 3) =>
  model.fit(x, y, { epochs, batchSize: 8, verbose: 0, shuffle: false });
const weightsOf = (model: tf.LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

const paper = () =>
  asOptimizer(chain(clipByGlobalNorm(1), addNoise(annealed({ eta: 0.1 }), { seed: 5 }), adam({ rate: 0.1 })));
const noisyAdam = () => withGradientNoise(tf.train.adam(0.1), annealed({ eta: 0.1 }), { seed: 5 });

describe.each<[string, () => tf.Optimizer]>([
  ['a chain', paper],
  ['a noisy Adam', noisyAdam],
])('a model that is saved with %s', (_name, make) => {
  it('goes on after loading as if it had never been saved, bit for bit', async () => {
    const whole = network(make());
    const half = network(make());
    await train(whole);
    await train(half);
    const resumed = await loaded(await saved(half));
    expect(resumed.optimizer.iterations).toBe(6);
    expect(resumed.optimizer.getConfig()).toEqual(half.optimizer.getConfig());
    await train(whole);
    await train(resumed);
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
  });

  it('can be loaded and saved again before it is trained on', async () => {
    const half = network(make());
    await train(half);
    const again = await loaded(await saved(await loaded(await saved(half))));
    await train(again);
    await train(half);
    expect(weightsOf(again)).toEqual(weightsOf(half));
  });

  it('goes on where a layer is frozen at first', async () => {
    const freeze = (model: tf.Sequential, frozen: boolean) => {
      model.layers[0]!.trainable = !frozen;
    };
    const whole = network(make());
    await train(whole);
    const resumed = await loaded(await saved(whole));
    for (const model of [whole, resumed])
      for (const frozen of [true, false]) {
        freeze(model, frozen);
        await train(model);
      }
    expect(weightsOf(resumed)).toEqual(weightsOf(whole));
  });
});

it('saving a chain and setting its weights leaves no tensors behind', async () => {
  const model = network(paper());
  await train(model);
  await saved(model);
  const before = tf.memory().numTensors;
  await saved(model);
  await model.optimizer.setWeights(await model.optimizer.getWeights());
  expect(tf.memory().numTensors).toBe(before);
});

describe('noise around an optimiser that was loaded without it', () => {
  it('goes on with its count', async () => {
    const plain = network(tf.train.adam(0.1));
    await train(plain);
    const resumed = await loaded(await saved(plain));
    withGradientNoise(resumed.optimizer, annealed({ eta: 0.1 }), { seed: 5 });
    withGradientNoise(plain.optimizer, annealed({ eta: 0.1 }), { seed: 5, step: 6 });
    await train(resumed);
    await train(plain);
    expect(weightsOf(resumed)).toEqual(weightsOf(plain));
  });

  it('takes up the count of weights that are set later', async () => {
    const optimizer = noisyAdam();
    const plain = tf.train.adam(0.1);
    const [mine, theirs] = [network(optimizer), network(plain)];
    await train(theirs);
    await optimizer.setWeights(await plain.getWeights());
    mine.setWeights(theirs.getWeights());
    withGradientNoise(plain, annealed({ eta: 0.1 }), { seed: 5 });
    await train(mine);
    await train(theirs);
    expect(weightsOf(mine)).toEqual(weightsOf(theirs));
  });
});

describe('a config', () => {
  const cosine = () => cosineDecay({ from: 0.1, to: 0.01, steps: 7 });
  const noise = { seed: 3 };
  const all: (GradientTransformation | Chain)[] = [
    sgd(0.1),
    momentum({ rate: 0.1, momentum: 0.5, nesterov: true }),
    adam({ rate: 0.1, beta1: 0.5 }),
    adamw({ rate: 0.1, decay: 0.5 }),
    rmsprop({ rate: 0.1, momentum: 0.5 }),
    chain(clipByGlobalNorm(0.5), clipByNorm(Number.POSITIVE_INFINITY), clipByValue(0.1)),
    chain(weightDecay(0.1), masked(sgd(0.5), /^odd_Name\d/i), masked(sgd(2), ['odd_Name1/b_C'])),
    chain(addNoise(annealed({ eta: 1, gamma: 1 }), noise), addNoise(scalable(constant(1)), noise)),
    scheduled(adam(), { rate: warmup(2, cosine()), beta1: linear({ from: 0.5, to: 0.9, steps: 3 }) }),
    scheduled(sgd(1), { rate: exponentialDecay({ from: 1, factor: 0.5, steps: 2 }) }),
    scheduled(sgd(1), { rate: piecewise({ from: 1, factors: { 1: 0.5, 2: 0.1 } }) }),
  ];
  let count = 0;

  /** Where some updates lead, of a variable whose name TensorFlow.js would rewrite in a config. */
  const end = (optimizer: tf.Optimizer) => {
    count += 1;
    const w = tf.variable(tf.tensor1d([1, -2]), true, `odd_Name${count}/b_C`);
    for (let i = 0; i < 3; i++) optimizer.minimize(() => tf.sum(tf.square(w)) as tf.Scalar, false, [w]);
    return [...w.dataSync()];
  };

  it.each(
    all.map(
      (own) =>
        [
          chain(own)
            .links.map(([name]) => name)
            .join(', '),
          own,
        ] as const,
    ),
  )('makes the same optimiser again: %s', async (_names, own) => {
    const optimizer = asOptimizer(own);
    const again = await throughModel(optimizer);
    expect(again.getConfig()).toEqual(optimizer.getConfig());
    count = 0;
    const expected = end(optimizer);
    count = 0;
    tf.disposeVariables();
    expect(end(again)).toEqual(expected);
    tf.disposeVariables();
  });

  /** The optimiser that loading makes of what saving writes. */
  async function throughModel(optimizer: tf.Optimizer): Promise<tf.Optimizer> {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const again = await loaded(await saved(model));
    return again.optimizer;
  }

  it('keeps a rate that was set', async () => {
    const optimizer = asOptimizer(sgd(0.5));
    optimizer.learningRate = 0.25;
    inject(optimizer, 'sgd', 'rate', 0.125);
    expect(((await throughModel(optimizer)) as ChainOptimizer).learningRate).toBe(0.125);
  });

  const halving = (config = true): GradientTransformation =>
    transformation({
      name: 'halving',
      ...(config && { config: { name: 'halving' } }),
      init: () => ({}),
      update: (gradients) => ({
        updates: Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, tf.mul(g, -0.5)])),
      }),
    });

  it('of a link of your own is one if it says what it was made from, and how is registered', async () => {
    const model = network(asOptimizer(halving()));
    const artifacts = await saved(model);
    await expect(loaded(artifacts)).rejects.toThrow('Nothing makes "halving" again: call registerMaker');
    registerMaker('halving', () => halving());
    await train(model, 1);
    const again = await loaded(artifacts);
    await train(again, 1);
    expect(weightsOf(again)).toEqual(weightsOf(model));
  });

  it('is missed where a link has none, by name', () => {
    const optimizer = asOptimizer(
      chain(
        halving(false),
        masked(sgd(1), () => true),
      ),
    );
    expect(() => optimizer.getConfig()).toThrow('halving cannot be saved: give it');
    expect(() => asOptimizer(masked(sgd(1), () => true)).getConfig()).toThrow('sgd cannot be saved');
  });
});

it('weights of another chain are refused, and the optimiser goes on as it was', async () => {
  const [one, other] = [asOptimizer(adam()), asOptimizer(sgd(0.1))];
  const w = tf.variable(tf.tensor1d([1, 2]));
  for (const optimizer of [one, other]) optimizer.minimize(() => tf.sum(w) as tf.Scalar, false, [w]);
  await expect(one.setWeights(await other.getWeights())).rejects.toThrow(
    'The weights are not those of this optimiser: they have no state/adam/hyper/rate.',
  );
  expect(one.iterations).toBe(1);
  one.minimize(() => tf.sum(w) as tf.Scalar, false, [w]);
});
