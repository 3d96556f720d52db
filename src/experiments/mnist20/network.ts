import * as tf from '@tensorflow/tfjs';
import { dense } from '../../ops/dense.js';
import { type DenseLayer, denseStack } from '../../ops/dense-stack.js';
import { dropout } from '../../ops/dropout.js';
import type { ParameterSpec } from '../experiment.js';
import { seedsOf } from '../replicas.js';
import { scaled, startNormals } from '../start.js';
import type { MnistSettings } from './settings.js';

export const PIXELS = 784;
export const CLASSES = 10;

/** Widths of input, hidden layers and output, e.g. [784, 50, ..., 50, 10]. */
export function widthsOf({ layers, units }: { layers: number; units: number }): number[] {
  return [PIXELS, ...new Array<number>(layers).fill(units), CLASSES];
}

/** Weights and biases of every layer, in the order in which they are applied. */
export function parametersOf(widths: readonly number[]): ParameterSpec[] {
  return widths.slice(1).flatMap((outputs, layer) => [
    { name: `layer${layer}/weights`, shape: [widths[layer]!, outputs] },
    { name: `layer${layer}/bias`, shape: [outputs] },
  ]);
}

/**
 * The same numbers of weights and biases in few tensors, whatever the number of layers: for estimates, which are made
 * before anybody has seen whether there is memory for so many.
 */
export function summedParameters({ layers, units }: { layers: number; units: number }): ParameterSpec[] {
  return [
    { name: 'first', shape: [PIXELS + 1, units] },
    { name: 'middle', shape: [layers - 1, units + 1, units] },
    { name: 'last', shape: [units + 1, CLASSES] },
  ];
}

/** Standard deviation of a weight whose layer has `inputs` inputs. [GN section 4.1] */
export function weightDeviation({ init, deviation }: MnistSettings['model'], inputs: number): number {
  switch (init) {
    case 'simple':
      return deviation;
    case 'zero':
      return 0;
    case 'he':
      return Math.sqrt(2 / inputs);
    case 'sussillo':
      return sussilloGain(inputs) / Math.sqrt(inputs);
  }
}

/** Gain of a random walk initialisation for ReLU layers of width n: sqrt(2) exp(1.2 / (max(n, 6) - 2.4)). */
export function sussilloGain(n: number): number {
  return Math.SQRT2 * Math.exp(1.2 / (Math.max(n, 6) - 2.4));
}

/** Starting parameters [R, ...]; biases are 0. */
export function initialise(
  widths: readonly number[],
  replicas: readonly { seed: number; model: MnistSettings['model'] }[],
): tf.Tensor[] {
  return tf.tidy(() => {
    const matrices = widths.slice(1).map((outputs, layer) => [widths[layer]!, outputs] as const);
    const normals = startNormals(seedsOf(replicas), matrices);
    return matrices.flatMap(([inputs, outputs], layer) => {
      const deviations = replicas.map(({ model }) => weightDeviation(model, inputs));
      return [scaled(normals[layer]!, deviations), tf.zeros([replicas.length, outputs])];
    });
  });
}

function layersOf(parameters: readonly tf.Tensor[]): DenseLayer[] {
  return Array.from({ length: parameters.length / 2 }, (_, layer) => ({
    w: parameters[2 * layer] as tf.Tensor3D,
    b: parameters[2 * layer + 1] as tf.Tensor2D,
  }));
}

/** What every layer gives, [R, B, units] each: hidden layers after ReLU, then the logits; as `forward` without dropout. */
export function activities(parameters: readonly tf.Tensor[], images: tf.Tensor3D): tf.Tensor3D[] {
  const layers = layersOf(parameters);
  const outputs: tf.Tensor3D[] = [];
  for (const [l, { w, b }] of layers.entries())
    outputs.push(dense(outputs[l - 1] ?? images, w, b, l < layers.length - 1 ? 'relu' : 'linear'));
  return outputs;
}

/**
 * Logits [R, B, 10] of images [R, B, 784] (or [1, B, 784], the same for all replicas).
 * @param drop where given, applied to the output of every hidden layer.
 */
export function forward(
  parameters: readonly tf.Tensor[],
  images: tf.Tensor3D,
  drop?: { rate: tf.Tensor1D; seedsOf(layer: number): tf.Tensor2D },
): tf.Tensor3D {
  const layers = layersOf(parameters);
  if (!drop) return denseStack(images, layers);
  let activity = images;
  for (const [layer, { w, b }] of layers.entries()) {
    const last = layer === layers.length - 1;
    activity = dense(activity, w, b, last ? 'linear' : 'relu', { inputIsData: layer === 0 });
    if (!last) activity = dropout(activity, drop.seedsOf(layer), drop.rate);
  }
  return activity;
}
