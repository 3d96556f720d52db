import type * as tf from '@tensorflow/tfjs';
import { type KernelArguments, registerKernel } from '../registry.js';
import { FLOAT, type Tools } from './declaration.js';
import { panelBytes } from './matrix-product.js';
import { writeTable } from './tables.js';

type Inputs = KernelArguments<'DenseStack'>['inputs'];

/** Registers the kernels of fully connected layers one after another. */
export function registerDenseStack(tools: Tools): void {
  registerKernel('wasm', 'DenseStack', ({ inputs }) => forwards(tools, inputs));
  registerKernel('wasm', 'DenseStackGradient', ({ inputs }) => backwards(tools, inputs));
}

function forwards({ heap, functions }: Tools, inputs: Inputs): tf.TensorInfo[] {
  const { layers, replicas, B, xStep, widest } = sizesOf(inputs);
  const activities = layers.map(({ n }) => heap.output([replicas, B, n]));
  const rows = layers.flatMap(({ k, n }, l) => [
    ...[heap.address(inputs[`w${l}`]!), heap.address(inputs[`b${l}`]!), heap.address(activities[l]!), k, n],
  ]);
  const x = heap.address(inputs.x!);
  const { table, scratch } = writeTable(heap, rows, panelBytes(widest));
  functions.denseStack(x, table, scratch, layers.length, replicas, B, xStep);
  return activities;
}

function backwards({ heap, functions }: Tools, inputs: Inputs): tf.TensorInfo[] {
  const { layers, replicas, B, xStep, widest } = sizesOf(inputs);
  const gradients = layers.flatMap(({ k, n }) => [heap.output([replicas, k, n]), heap.output([replicas, n])]);
  const last = layers.length - 1;
  const rows = layers.flatMap(({ k, n }, l) => [
    ...[heap.address(gradients[2 * l]!), heap.address(gradients[2 * l + 1]!), heap.address(inputs[`w${l}`]!)],
    ...[l === last ? 0 : heap.address(inputs[`y${l}`]!), k, n],
  ]);
  const [dy, x] = [heap.address(inputs.dy!), heap.address(inputs.x!)];
  const [panel, activity] = [panelBytes(Math.max(widest, B)), widest * B * FLOAT];
  const { table, scratch } = writeTable(heap, rows, panel + 2 * activity);
  functions.denseStackGradient(0, dy, x, table, scratch, layers.length, replicas, B, xStep, panel, activity);
  return gradients;
}

function sizesOf(inputs: Inputs) {
  const [xReplicas, B, k0] = inputs.x!.shape as [number, number, number];
  const layers: { readonly k: number; readonly n: number }[] = [];
  for (let l = 0; inputs[`w${l}`]; l++) {
    const [, k, n] = inputs[`w${l}`]!.shape as [number, number, number];
    layers.push({ k, n });
  }
  const replicas = inputs.w0!.shape[0]!;
  const xStep = xReplicas === 1 ? 0 : B * k0 * FLOAT;
  const widest = layers.reduce((most, { k, n }) => Math.max(most, k, n), 1);
  return { layers, replicas, B, xStep, widest };
}
