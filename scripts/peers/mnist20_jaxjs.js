// The 20-layer MNIST network in jax-js on WebAssembly: npm install --prefix scripts/peers, then node scripts/peers/mnist20_jaxjs.js
import { exampleOf, randomImages, run, tiled } from './peer.js';

// The package reads it to tell phones from computers; Node.js has had one only since version 21.
globalThis.navigator ??= { userAgent: 'Node.js' };
const jax = await import('@jax-js/jax');
const { nn, numpy: np, random, tree } = jax;
await jax.init('wasm');
jax.defaultDevice('wasm');

const BATCH = 100;
const PIXELS = 784;
const CLASSES = 10;
const example = exampleOf('mnist20');
const { rate, clip, noise: annealed } = example.settings.train;
const names = Object.keys(example.parameters);

await run('jax-js', example, prepare, compute);

function prepare(replicas, noise) {
  const { draw } = randomImages(PIXELS, CLASSES);
  const update = jax.jit(jax.vmap((...args) => updated(noise, ...args), [0, 0, null, 0, 0]));
  let weights = weightsOf(replicas);
  let keys = random.split(random.key(0), replicas);
  let t = 0;

  return async (steps) => {
    for (let i = 0; i < steps; i++) {
      const { images, labels } = draw(replicas * BATCH);
      const deviation = np.array(Math.sqrt(annealed.eta / (1 + t) ** annealed.gamma));
      const batch = [
        np.array(images).reshape([replicas, BATCH, PIXELS]),
        np.array(labels).reshape([replicas, BATCH]),
      ];
      [weights, keys] = update(weights, keys, deviation, ...batch);
      t += 1;
    }
    await jax.blockUntilReady(weights);
  };
}

/** One replica's weights after an update, and its next key. Arrays count their references: `.ref` is one more. */
function updated(noise, weights, key, deviation, images, labels) {
  const gradients = jax.grad(loss)(tree.ref(weights), images, labels);
  const squares = gradients.map((gradient) => np.sum(np.square(gradient.ref)));
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const scale = np.minimum(np.array(clip.at).div(norm), 1);
  const clipped = gradients.map((gradient) => gradient.mul(scale.ref));
  const keys = random.split(key);
  const used = noise ? noisy(clipped, keys.ref.slice(0), deviation) : clipped;
  const moved = weights.map((weight, i) => weight.sub(used[i].mul(rate)));
  return [moved, keys.slice(1)];
}

/** One draw for all tensors, which is faster than one for each. */
function noisy(gradients, key, deviation) {
  const ends = [0];
  for (const { size } of gradients) ends.push(ends.at(-1) + size);
  const draws = random.normal(key, [ends.at(-1)]).mul(deviation);
  return gradients.map((gradient, i) => {
    const own = draws.ref.slice([ends[i], ends[i + 1]]);
    return gradient.add(own.reshape(gradient.shape));
  });
}

async function compute() {
  const [images, labels] = [example.batch.images, example.batch.labels].map(arrayOf);
  const gradients = jax.jit(jax.vmap(jax.valueAndGrad(loss)));
  const [losses, grads] = gradients(weightsOf(example.losses.length), images, labels);
  const norms = grads.map((gradient) =>
    np.sqrt(np.sum(np.square(gradient.reshape([gradient.shape[0], -1])), 1)).js(),
  );
  return { losses: losses.js(), norms: Object.fromEntries(names.map((name, i) => [name, norms[i]])) };
}

function weightsOf(replicas) {
  return names.map((name) => arrayOf(tiled(example.parameters[name], replicas)));
}

function arrayOf({ shape, values }) {
  return np.array(values).reshape(shape);
}

function loss(weights, images, labels) {
  let hidden = images;
  for (let i = 0; i < weights.length; i += 2) {
    const sums = np.matmul(hidden, weights[i]).add(weights[i + 1]);
    hidden = i === weights.length - 2 ? sums : nn.relu(sums);
  }
  const hits = nn.oneHot(labels, CLASSES).mul(nn.logSoftmax(hidden));
  return np.sum(hits).mul(-1 / BATCH);
}
