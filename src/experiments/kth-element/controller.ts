import * as tf from '@tensorflow/tfjs';
import { dense } from '../../ops/dense.js';
import { lstmCell } from '../../ops/lstm-cell.js';
import type { ParameterSpec } from '../experiment.js';
import { seedsOf } from '../replicas.js';
import { scaled, startNormals } from '../start.js';
import { logitCount } from './layout.js';
import type { KthElementSettings } from './settings.js';

type ModelSettings = KthElementSettings['model'];

/** What an LSTM remembers: output and cell, each [R, B, units]; an MLP remembers nothing. */
export type Memory = readonly tf.Tensor3D[];

/** What the controller makes of one time step. */
export interface Decision {
  /** Logits of all selections, [R, B, logitCount]. */
  readonly logits: tf.Tensor3D;
  /** Last hidden layer, from which `haltLogits` are made, [R, B, units]. */
  readonly top: tf.Tensor3D;
  readonly memory: Memory;
}

/** Weights and biases, in the order in which `decide` and `haltLogits` use them. */
export function parametersOf(model: ModelSettings): ParameterSpec[] {
  const { units, registers } = model;
  const isLstm = model.controller === 'lstm';
  const layers: [string, number, number][] = [
    ['hidden', registers, units],
    isLstm ? ['lstm', units, 4 * units] : ['hidden2', units, units],
    ['output', units, logitCount(model)],
    ['halt', units, 1],
  ];
  const dense = layers.flatMap(([name, inputs, outputs]) => [
    { name: `${name}/weights`, shape: [inputs, outputs] },
    { name: `${name}/bias`, shape: [outputs] },
  ]);
  return isLstm ? [...dense, { name: 'lstm/recurrent', shape: [units, 4 * units] }] : dense;
}

/** Where an LSTM's recurrent weights are among the parameters. */
const RECURRENT = -1;

/**
 * Starting parameters [R, ...]. The paper leaves them open: standard deviation 1 / sqrt(inputs), output and halt layers `outputScale` times that; biases
 * 0, but 1 at the forget gates and `haltBias` at the halt logit.
 */
export function initialise(replicas: readonly { seed: number; model: ModelSettings }[]): tf.Tensor[] {
  return tf.tidy(() => {
    const specs = parametersOf(replicas[0]!.model);
    const matrices = specs.map(({ shape }) => shape).filter((shape) => shape.length === 2);
    const normals = startNormals(seedsOf(replicas), matrices).values();
    return specs.map(({ name, shape }) => {
      if (shape.length === 1)
        return tf.tensor2d(replicas.map(({ model }) => startingBias(name, shape[0]!, model)));
      const deviations = replicas.map(({ model }) => weightDeviation(name, shape[0]!, model));
      return scaled(normals.next().value!, deviations);
    });
  });
}

function weightDeviation(name: string, rows: number, { outputScale }: ModelSettings): number {
  if (name === 'output/weights' || name === 'halt/weights') return outputScale / Math.sqrt(rows);
  // The gates' inputs are the hidden layer and the LSTM's own output: twice the rows.
  return 1 / Math.sqrt(name.startsWith('lstm/') ? 2 * rows : rows);
}

function startingBias(name: string, size: number, { haltBias, units }: ModelSettings): number[] {
  if (name === 'halt/bias') return [haltBias];
  const isForgetGate = (i: number) => name === 'lstm/bias' && i >= units && i < 2 * units;
  return Array.from({ length: size }, (_, i) => Number(isForgetGate(i)));
}

/** What the controller remembers before the first time step. */
export function startingMemory(model: ModelSettings, R: number, B: number): Memory {
  return model.controller === 'lstm' ? [0, 1].map(() => tf.zeros([R, B, model.units])) : [];
}

/**
 * One time step of the controller [NRAM section 4.1].
 * @param parameters as `parametersOf` lists them, each [R, ...].
 * @param zeros probability of 0 in each register, [R, B, registers]: all that the controller sees of the machine.
 */
export function decide(parameters: readonly tf.Tensor[], zeros: tf.Tensor3D, memory: Memory): Decision {
  const hidden = layer(parameters, 0, zeros, 'relu');
  const isLstm = memory.length > 0;
  const next = isLstm ? lstm(parameters, hidden, memory) : [];
  const top = isLstm ? next[0]! : layer(parameters, 1, hidden, 'relu');
  return { logits: layer(parameters, 2, top, 'linear'), top, memory: next };
}

/** Logits x of stopping, [R, B, 1], of last hidden layers [R, B, units]. */
export function haltLogits(parameters: readonly tf.Tensor[], top: tf.Tensor3D): tf.Tensor3D {
  return layer(parameters, 3, top, 'linear');
}

function layer(
  parameters: readonly tf.Tensor[],
  index: number,
  input: tf.Tensor3D,
  activation: 'relu' | 'linear',
): tf.Tensor3D {
  return dense(
    input,
    parameters[2 * index] as tf.Tensor3D,
    parameters[2 * index + 1] as tf.Tensor2D,
    activation,
  );
}

/** Input and recurrent products are apart, which saves putting their inputs together in one tensor. */
function lstm(parameters: readonly tf.Tensor[], input: tf.Tensor3D, [output, cell]: Memory): tf.Tensor3D[] {
  const recurrent = tf.matMul(output!, parameters.at(RECURRENT) as tf.Tensor3D);
  return lstmCell(tf.add(layer(parameters, 1, input, 'linear'), recurrent) as tf.Tensor3D, cell!);
}
