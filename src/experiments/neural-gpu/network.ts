import * as tf from '@tensorflow/tfjs';
import { PARTS } from '../../ops/band.js';
import { type CgruWeights, cgru, cgruWeights } from '../../ops/convolutional-gru.js';
import { dropout } from '../../ops/dropout.js';
import { TAPS, WIDTH } from '../../ops/patches.js';
import type { ParameterSpec } from '../experiment.js';
import { seedsOf } from '../replicas.js';
import { scaled, startUniforms } from '../start.js';
import { setsInUse } from './relaxation.js';
import { LAYERS, layerSizes, setSize } from './sets.js';
import type { NeuralGpuSettings } from './settings.js';
import { SYMBOLS } from './tasks.js';

type ModelSettings = NeuralGpuSettings['model'];

/** A constant that the public code adds to the trainable biases of both gates: they start open. */
const GATE_BIAS = 1;
/** Bound of the embedding's starting weights, whatever the scale of the others. [public code] */
const EMBEDDING_BOUND = 1.7;

/** Name of the parameter that holds the CGRUs of all relaxed sets. */
export const SETS = 'cgru/sets';

/**
 * The trainable tensors. A row of the relaxed sets is one set: first its kernels, [layers,
 * gates, 3 (width), 3 (position), m, m], then its biases, [layers, gates, m].
 */
export function parametersOf({ maps, sets }: ModelSettings): ParameterSpec[] {
  return [
    { name: SETS, shape: [sets, setSize(maps)] },
    { name: 'embedding', shape: [SYMBOLS, maps] },
    { name: 'output', shape: [maps, SYMBOLS] },
  ];
}

/** Starting parameters [R, ...], uniform; biases are 0. */
export function initialise(replicas: readonly { seed: number; model: ModelSettings }[]): tf.Tensor[] {
  return tf.tidy(() => {
    const { maps, sets } = replicas[0]!.model;
    const [, ...outer] = parametersOf(replicas[0]!.model).map(({ shape }) => shape);
    const shapes = [[sets, LAYERS * layerSizes(maps).kernels], ...outer];
    const [kernels, embedding, output] = startUniforms(seedsOf(replicas), shapes);
    const bounds = (inputs: number) =>
      replicas.map(({ model }) => 1.8 * model.initScale * Math.sqrt(3 / inputs));
    const biases = tf.zeros([replicas.length, sets, LAYERS * PARTS * maps]);
    return [
      tf.concat([scaled(kernels!, bounds(TAPS * TAPS * maps)), biases], 2),
      tf.mul(embedding!, EMBEDDING_BOUND),
      scaled(output!, bounds(maps)),
    ];
  });
}

/** The sequences of a batch; replicas whose own length is below n are padded. */
export interface Sequences {
  /** Symbols, int32 [R, n, B], or [1, n, B] for the same sequences in all replicas. */
  readonly inputs: tf.Tensor3D;
  /** 1 at a replica's own positions, 0 behind them, [R, n]. */
  readonly active: tf.Tensor2D;
  /** 1 where one parameter set is shared by all steps, [R]. */
  readonly shared: tf.Tensor1D;
}

/** Called on the image at the start (step 0) and after step 1, 2, ... */
export type OnImage = (image: tf.Tensor4D, step: number) => tf.Tensor4D;

/** Weights of every relaxed set and layer, ready for use: [set][layer]. */
export function weightsInUse(sets: tf.Tensor3D, shared: tf.Tensor1D, maps: number): CgruWeights[][] {
  return tf.tidy(() => {
    const [R, r] = sets.shape;
    const used = setsInUse(sets, shared);
    const { kernels, biases } = layerSizes(maps);
    const sizes = [...new Array<number>(LAYERS).fill(kernels), ...new Array<number>(LAYERS).fill(biases)];
    const constants = tf.concat([tf.fill([2 * maps], GATE_BIAS), tf.zeros([maps])]);
    // TensorFlow.js cannot differentiate a split into one part.
    const each = r === 1 ? [used] : tf.split(used, r, 1);
    const all = each.flatMap((set) => {
      const parts = tf.split(tf.reshape(set, [R, -1]), sizes, 1);
      return Array.from({ length: LAYERS }, (_, layer) => ({
        kernels: tf.reshape(parts[layer]!, [R, kernels / maps, maps]) as tf.Tensor3D,
        biases: tf.add(parts[LAYERS + layer]!, constants) as tf.Tensor2D,
      }));
    });
    const ready = cgruWeights(all);
    return each.map((_, set) => ready.slice(set * LAYERS, (set + 1) * LAYERS));
  });
}

/**
 * Logits [R, n, B, symbols] of the Neural GPU: as many steps as a sequence has positions, then the first column of the
 * image [NGPU section 2]. A replica whose sequences are shorter than n stops after its own number of steps.
 */
export function forward(
  parameters: readonly tf.Tensor[],
  { inputs, active, shared }: Sequences,
  onImage: OnImage = (image) => image,
): tf.Tensor4D {
  const [sets, embedding, output] = parameters as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  const [, maps] = embedding.shape.slice(1) as [number, number];
  const weights = weightsInUse(sets, shared, maps);
  const n = inputs.shape[1];
  let image = onImage(embed(inputs, embedding, active), 0);
  for (let t = 0; t < n; t++) {
    const hold = tf.sub(1, tf.mul(active, tf.slice(active, [0, t], [-1, 1]))) as tf.Tensor2D;
    for (const layer of weights[t % weights.length]!) image = cgru(image, layer, hold);
    image = onImage(image, t + 1);
  }
  return readOut(image, output);
}

/** The starting image [R, n, B, 4 m]: embedded symbols in the first column, zeros elsewhere and behind the end. */
export function embed(inputs: tf.Tensor3D, embedding: tf.Tensor3D, active: tf.Tensor2D): tf.Tensor4D {
  return tf.tidy(() => {
    const [R, symbols, maps] = embedding.shape;
    const [tables, n, B] = inputs.shape;
    const chosen = tf.reshape(tf.oneHot(tf.reshape(inputs, [-1]), symbols), [tables, n * B, symbols]);
    const column = tf.reshape(tf.matMul(tf.cast(chosen, 'float32'), embedding), [R, n, B, maps]);
    const masked = tf.mul(column, tf.reshape(active, [-1, n, 1, 1]));
    return tf.concat([masked, tf.zeros([R, n, B, (WIDTH - 1) * maps])], 3) as tf.Tensor4D;
  });
}

/** Logits from the first column of the image. */
export function readOut(image: tf.Tensor4D, output: tf.Tensor3D): tf.Tensor4D {
  return tf.tidy(() => {
    const [R, n, B] = image.shape;
    const maps = output.shape[1];
    const column = tf.reshape(tf.slice(image, [0, 0, 0, 0], [R, n, B, maps]), [
      R,
      n * B,
      maps,
    ]) as tf.Tensor3D;
    return tf.reshape(tf.matMul(column, output), [R, n, B, SYMBOLS]);
  });
}

/**
 * Dropout on the image. A step that a replica no longer takes drops nothing.
 * @param rate per replica, [R]
 * @param seedsOf stream of the image at step t, int32 [R, 2]. Positions come first in it: padding takes no number that
 *   another position would have had.
 */
export function dropoutOnImage(
  active: tf.Tensor2D,
  rate: tf.Tensor1D,
  seedsOf: (step: number) => tf.Tensor2D,
): OnImage {
  return (image, step) => {
    const running = tf.reshape(tf.slice(active, [0, Math.max(0, step - 1)], [-1, 1]), [-1]);
    return dropout(image, seedsOf(step), tf.mul(rate, running) as tf.Tensor1D);
  };
}
