// What the peers in JavaScript share: the example that gnoise gives them, random images, and answers to the bench.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serve } from '../../dist/bench/serve.js';

const TOLERANCE = 1e-4;
const EXAMPLES = 60_000;
const ARRAYS = { float32: Float32Array, int32: Int32Array };

/** A step of gnoise's network in numbers (src/bench/example.ts), each tensor as { shape, values }. */
export function exampleOf(network) {
  const script = fileURLToPath(new URL('example.js', import.meta.url));
  const text = execFileSync(process.execPath, [script, network], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const example = JSON.parse(text);
  const tensors = (named) =>
    Object.fromEntries(
      Object.entries(named).map(([name, { shape, dtype, base64 }]) => {
        const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
        return [name, { shape, values: new ARRAYS[dtype](bytes.buffer) }];
      }),
    );
  return { ...example, parameters: tensors(example.parameters), batch: tensors(example.batch) };
}

/** A tensor of so many replicas: the example's, over and over. */
export function tiled({ shape: [count, ...shape], values }, replicas) {
  const size = values.length / count;
  const tiled = new values.constructor(replicas * size);
  for (let r = 0; r < replicas; r++) {
    const from = (r % count) * size;
    tiled.set(values.subarray(from, from + size), r * size);
  }
  return { shape: [replicas, ...shape], values: tiled };
}

/** Random images, as many as MNIST has, and a function that draws a batch from them for every replica. */
export function randomImages(pixels, classes) {
  const images = Float32Array.from({ length: EXAMPLES * pixels }, Math.random);
  const labels = Int32Array.from({ length: EXAMPLES }, () => classes * Math.random());
  const draw = (size) => {
    const indices = Array.from({ length: size }, () => Math.floor(EXAMPLES * Math.random()));
    const batch = { images: new Float32Array(size * pixels), labels: new Int32Array(size) };
    for (const [i, index] of indices.entries()) {
      batch.images.set(images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
      batch.labels[i] = labels[index];
    }
    return batch;
  };
  return { images, labels, draw };
}

/**
 * Does what the command line asks for: answers the bench, or with --check compares with gnoise's losses and gradients.
 * @param compute losses [R] and norms of gradients { name: [R] } of the example.
 */
export async function run(framework, example, prepare, compute) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, backend: { type: 'string' } } });
  if (values.check) check(framework, example, await compute());
  else await serve(prepare);
}

function check(framework, example, { losses, norms }) {
  const ofLosses = difference(losses, example.losses);
  const ofNorms = Object.entries(example.gradientNorms).map(([name, norm]) => difference(norms[name], norm));
  const worst = Math.max(...ofNorms);
  const [first, second] = [ofLosses, worst].map((number) => number.toExponential(1));
  console.log(
    `${framework}: losses differ from gnoise's by ${first} of their size at most, norms of gradients by ${second}`,
  );
  // Written so that NaN fails.
  process.exit(ofLosses <= TOLERANCE && worst <= TOLERANCE ? 0 : 1);
}

function difference(found, expected) {
  return Math.max(
    ...expected.map((value, r) => Math.abs(found[r] - value) / Math.max(Math.abs(value), 1e-12)),
  );
}
