// Trains six networks in lockstep, in a loop and with a link of our own: npm install gnoise-tfjs @tensorflow/tfjs && node replicas.js
import * as tf from '@tensorflow/tfjs';
import {
  addNoise,
  annealed,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  disposeTree,
  momentum,
  transformation,
} from 'gnoise-tfjs';

await tf.ready();

// A row for each network: with noise and without, of three seeds.
const networks = [0, 0.1].flatMap((eta) => [1, 2, 3].map((seed) => ({ eta, seed })));
const R = networks.length;

/** Gradient centralisation (Yong and others 2020): the gradient of each unit's weights less its mean. */
const centralised = transformation({
  name: 'centralised',
  init: () => ({}),
  // Gradients begin with the replica axis: weights are [R, inputs, units] here, biases [R, 1, units].
  update: (gradients) => ({
    updates: Object.fromEntries(
      Object.entries(gradients).map(([name, g]) => [
        name,
        g.shape[1] > 1 ? tf.sub(g, tf.mean(g, 1, true)) : g,
      ]),
    ),
  }),
});

const method = chain(
  clipByGlobalNorm(10),
  centralised,
  // What is one number for all networks may be one for each.
  addNoise(annealed({ eta: networks.map(({ eta }) => eta) }), { seed: networks.map(({ seed }) => seed) }),
  momentum({ rate: 0.1 }),
);

const x = tf.randomUniform([1, 256, 2], -1, 1, 'float32', 1);
const y = tf.sign(tf.prod(x, 2, true));

/** Mean squared error of each network, [R]. */
function losses({ w1, b1, w2, b2 }) {
  const hidden = tf.tanh(tf.add(tf.matMul(tf.tile(x, [R, 1, 1]), w1), b1));
  return tf.mean(tf.squaredDifference(tf.add(tf.matMul(hidden, w2), b2), y), [1, 2]);
}

/** Networks of one seed begin with the same weights. */
function weights(shape) {
  return tf.stack(
    networks.map(({ seed }) => tf.randomNormal(shape, 0, 1 / Math.sqrt(shape[0]), 'float32', seed)),
  );
}

let parameters = tf.tidy(() => ({
  w1: weights([2, 16]),
  b1: tf.zeros([R, 1, 16]),
  w2: weights([16, 1]),
  b2: tf.zeros([R, 1, 1]),
}));
let state = method.init(parameters);

// Networks do not touch each other, so the gradient of the sum of their losses holds that of each.
const names = Object.keys(parameters);
const named = (tensors) => Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
const gradientsOf = tf.grads((...tensors) => tf.sum(losses(named(tensors))));

for (let step = 0; step < 300; step++) {
  const next = tf.tidy(() => {
    const gradients = named(gradientsOf(Object.values(parameters)));
    const { updates, state: nextState } = method.update(
      gradients,
      state,
      tf.scalar(step, 'int32'),
      parameters,
    );
    return { parameters: applyUpdates(parameters, updates), state: nextState };
  });
  disposeTree({ parameters, state }, next);
  ({ parameters, state } = next);
}

const final = losses(parameters).arraySync();
for (const [i, { eta, seed }] of networks.entries())
  console.log(`eta ${eta}, seed ${seed}: loss ${final[i].toFixed(4)}`);
