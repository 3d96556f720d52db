import * as tf from '@tensorflow/tfjs';
import { softmaxCrossEntropy } from '../../ops/softmax-cross-entropy.js';
import { atStep, HostStream, streamSeeds } from '../../random/streams.js';
import { updatesPerEpoch } from '../epochs.js';
import type { Batch, Program, Replica } from '../experiment.js';
import { perReplica, seedsOf } from '../replicas.js';
import { sumOverTest, testParts } from '../test-parts.js';
import type { Digits, DigitTensors } from './data.js';
import { forward, initialise, parametersOf, widthsOf } from './network.js';
import type { MnistSettings } from './settings.js';

/** Test images per forward pass: enough to keep the device busy, few enough to stay small beside the training step. */
const TEST_IMAGES = 1000;

/** The deep fully connected network on digits, for R replicas in lockstep. [GN section 4.1] */
export function mnistProgram(replicas: readonly Replica<MnistSettings>[], digits: Digits): Program {
  const { model, train } = replicas[0]!.settings;
  const B = train.batchSize;
  const seeds = seedsOf(replicas);
  const widths = widthsOf(model);
  const epochLength = updatesPerEpoch(digits.train.count, B);
  const { lossScale = 1 } = train;
  const dropping = train.dropout > 0;
  const rates = perReplica(replicas, (settings) => settings.train.dropout);
  const dropoutSeeds = streamSeeds(seeds, 'dropout');
  // The order of the current epoch, [R, count]: one upload an epoch instead of one a step.
  let epoch = -1;
  let order: tf.Tensor2D | undefined;

  return {
    parameters: parametersOf(widths),

    initialise: () =>
      initialise(
        widths,
        replicas.map(({ seed, settings }) => ({ seed, model: settings.model })),
      ),

    batch(step) {
      const wanted = Math.floor(step / epochLength);
      if (wanted !== epoch || !order) {
        order?.dispose();
        order = shuffled(seeds, wanted, digits.train.count);
        epoch = wanted;
      }
      return gatherBatch(digits, order, (step % epochLength) * B, B);
    },

    loss(parameters, { images, labels }, step) {
      const drop = { rate: rates, seedsOf: (layer: number) => atStep(dropoutSeeds, step, layer) };
      const logits = forward(parameters, images as tf.Tensor3D, dropping ? drop : undefined);
      return { loss: tf.mul(tf.mean(softmaxCrossEntropy(logits, labels as tf.Tensor2D), 1), lossScale) };
    },

    async evaluate(parameters) {
      const { count } = digits.test;
      const correct = await sumOverTest(testParts(count, TEST_IMAGES), (from, to) =>
        countCorrect(parameters, digits.test, from, to),
      );
      return Array.from(correct, (own) => ({ testAccuracy: own / count }));
    },

    dispose: () => tf.dispose([rates, dropoutSeeds, ...(order ? [order] : [])]),
  };
}

/** Every replica's own order of the examples in an epoch, int32 [R, count]. */
function shuffled(seeds: readonly number[], epoch: number, count: number): tf.Tensor2D {
  const orders = new Int32Array(seeds.length * count);
  for (const [r, seed] of seeds.entries())
    orders.set(new HostStream(seed, 'batches', epoch).permutation(count), r * count);
  return tf.tensor2d(orders, [seeds.length, count], 'int32');
}

/** Images [R, B, 784] and labels [R, B], gathered on the device. */
function gatherBatch({ train }: Digits, order: tf.Tensor2D, from: number, size: number): Batch {
  return tf.tidy(() => {
    const [R, count] = order.shape;
    const batchSize = Math.min(size, count);
    const indices = tf.reshape(tf.slice(order, [0, from], [R, batchSize]), [R * batchSize]);
    return {
      images: tf.reshape(tf.gather(train.images, indices), [R, batchSize, -1]),
      labels: tf.reshape(tf.gather(train.labels, indices), [R, batchSize]),
    };
  });
}

/** How many of the test images `from` .. `to` each replica classifies correctly, [R]. */
function countCorrect(
  parameters: readonly tf.Tensor[],
  { images, labels }: DigitTensors,
  from: number,
  to: number,
): tf.Tensor {
  const shown = tf.expandDims(tf.slice(images, [from, 0], [to - from, -1]), 0) as tf.Tensor3D;
  const guesses = tf.argMax(forward(parameters, shown), 2);
  const truth = tf.expandDims(tf.slice(labels, [from], [to - from]), 0);
  return tf.sum(tf.cast(tf.equal(guesses, truth), 'float32'), 1);
}
