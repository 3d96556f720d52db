// The 20-layer MNIST network in stock TensorFlow.js: node scripts/peers/mnist20_tfjs.js --backend wasm|tensorflow
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { exampleOf, randomImages, run, tiled } from './peer.js';

const { backend } = parseArgs({ strict: false }).values;
if (backend === 'tensorflow') {
  const { openBackend } = await import('../../dist/backends/index.js');
  await openBackend({ backend, device: 'cpu', threads: 0, verbose: false });
} else {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
}

const BATCH = 100;
const PIXELS = 784;
const CLASSES = 10;
const example = exampleOf('mnist20');
const { rate, clip, noise: annealed } = example.settings.train;
const names = Object.keys(example.parameters);

await run('TensorFlow.js', example, prepare, compute);

function prepare(replicas, noise) {
  const data = randomImages(PIXELS, CLASSES);
  const images = tf.tensor2d(data.images, [data.labels.length, PIXELS]);
  const labels = tf.tensor1d(data.labels, 'int32');
  const variables = weightsOf(replicas).map((weight) => tf.variable(weight));
  const optimiser = tf.train.sgd(rate);
  let t = 0;

  function step() {
    const indices = tf.randomUniform([replicas * BATCH], 0, data.labels.length, 'int32');
    const batch = tf.reshape(tf.gather(images, indices), [replicas, BATCH, PIXELS]);
    const { grads } = tf.variableGrads(
      () => tf.sum(losses(variables, batch, tf.reshape(tf.gather(labels, indices), [replicas, BATCH]))),
      variables,
    );
    const gradients = variables.map(({ name }) => grads[name]);
    const norm = tf.sqrt(tf.addN(normsOf(gradients).map(tf.square)));
    const scale = tf.minimum(tf.div(clip.at, norm), 1);
    const deviation = Math.sqrt(annealed.eta / (1 + t) ** annealed.gamma);
    for (const [i, { name }] of variables.entries()) {
      const clipped = tf.mul(gradients[i], perReplica(scale, gradients[i]));
      grads[name] = noise ? tf.add(clipped, tf.randomNormal(clipped.shape, 0, deviation)) : clipped;
    }
    optimiser.applyGradients(grads);
    t += 1;
  }

  return async (steps) => {
    for (let i = 0; i < steps; i++) tf.tidy(step);
    await variables[0].data();
  };
}

async function compute() {
  const { images, labels } = example.batch;
  const batch = tf.tensor(images.values, images.shape);
  const classes = tf.tensor(labels.values, labels.shape, 'int32');
  const { value, grads } = tf.valueAndGrads((...weights) => losses(weights, batch, classes))(
    weightsOf(labels.shape[0]),
  );
  const norms = normsOf(grads).map((norm) => [...norm.dataSync()]);
  return {
    losses: [...value.dataSync()],
    norms: Object.fromEntries(names.map((name, i) => [name, norms[i]])),
  };
}

function weightsOf(replicas) {
  return names.map((name) => {
    const { shape, values } = tiled(example.parameters[name], replicas);
    return tf.tensor(values, shape);
  });
}

/** Every replica's own loss, [R]; weights [R, inputs, units], biases [R, units], images [R, B, 784], labels [R, B]. */
function losses(parameters, images, labels) {
  let hidden = images;
  for (let i = 0; i < parameters.length; i += 2) {
    const sums = tf.add(tf.matMul(hidden, parameters[i]), tf.expandDims(parameters[i + 1], 1));
    hidden = i === parameters.length - 2 ? sums : tf.relu(sums);
  }
  const logits = tf.reshape(hidden, [-1, CLASSES]);
  const targets = tf.oneHot(tf.reshape(labels, [-1]), CLASSES);
  const costs = tf.losses.softmaxCrossEntropy(targets, logits, undefined, 0, tf.Reduction.NONE);
  return tf.mean(tf.reshape(costs, labels.shape), 1);
}

/** L2 norm of each replica's part of every tensor, [R] each. */
function normsOf(tensors) {
  return tensors.map((tensor) => tf.sqrt(tf.sum(tf.square(tf.reshape(tensor, [tensor.shape[0], -1])), 1)));
}

function perReplica(values, { rank }) {
  return tf.reshape(values, [-1, ...new Array(rank - 1).fill(1)]);
}
