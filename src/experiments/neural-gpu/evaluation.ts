import * as tf from '@tensorflow/tfjs';
import { type CgruWeights, cgru } from '../../ops/convolutional-gru.js';
import { sumOverTest, testParts } from '../test-parts.js';
import { wrongAnswers } from './errors.js';
import { columns, type SequenceSet } from './examples.js';
import { embed, readOut, weightsInUse } from './network.js';
import { PAD } from './tasks.js';

/** Positions of all replicas together per pass: the memory stays that of a few images, however long the sequences. */
const TEST_POSITIONS = 16_384;

/** Shares of wrong sequences and of wrong symbols. */
export interface ErrorRates {
  readonly sequences: number;
  readonly bits: number;
}

/**
 * Error rates of every replica, in evaluation mode: without dropout, and step by step without recording gradients, so that
 * memory does not grow with the number of steps.
 */
export async function evaluateSequences(
  parameters: readonly tf.Tensor[],
  set: SequenceSet,
  shared: readonly boolean[],
): Promise<ErrorRates[]> {
  const weights = evaluatedWeights(parameters, shared);
  const parts = testParts(set.count, TEST_POSITIONS / set.length, shared.length);
  const totals = await sumOverTest(parts, (from, to) =>
    countWrong(parameters, weights, columns(set, from, to)),
  );
  tf.dispose(weights);
  const symbols = set.targets.reduce((sum, symbol) => sum + Number(symbol !== PAD), 0);
  return shared.map((_, r) => ({
    sequences: totals[2 * r]! / set.count,
    bits: totals[2 * r + 1]! / symbols,
  }));
}

/** Weights of every relaxed set and layer, [set][layer]; whoever asks for them disposes them. */
export function evaluatedWeights(
  parameters: readonly tf.Tensor[],
  shared: readonly boolean[],
): CgruWeights[][] {
  return tf.tidy(() =>
    weightsInUse(parameters[0] as tf.Tensor3D, tf.tensor1d(shared.map(Number)), parameters[1]!.shape[2]!),
  );
}

/**
 * The last image of sequences, [R, n, B, 4 m]. Earlier ones are freed as soon as the next is there.
 * @param look called on the image at the start (step 0) and after step 1, 2, ...
 */
export function lastImage(
  embedding: tf.Tensor3D,
  weights: readonly (readonly CgruWeights[])[],
  inputs: tf.Tensor3D,
  look: (image: tf.Tensor4D, step: number) => void = () => {},
): tf.Tensor4D {
  const n = inputs.shape[1];
  const hold = tf.zeros([embedding.shape[0], n]) as tf.Tensor2D;
  let image = embed(inputs, embedding, tf.ones([1, n]));
  look(image, 0);
  for (let t = 0; t < n; t++) {
    for (const layer of weights[t % weights.length]!) {
      const before = image;
      image = cgru(before, layer, hold);
      before.dispose();
    }
    look(image, t + 1);
  }
  return image;
}

/** Wrong sequences and wrong symbols, [R, 2]. */
function countWrong(
  [, embedding, output]: readonly tf.Tensor[],
  weights: readonly (readonly CgruWeights[])[],
  { inputs, targets }: ReturnType<typeof columns>,
): tf.Tensor {
  const image = lastImage(embedding as tf.Tensor3D, weights, inputs);
  const wrong = wrongAnswers(readOut(image, output as tf.Tensor3D), targets);
  return tf.stack([wrong.sequences, wrong.symbols], 1);
}
