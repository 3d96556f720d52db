import * as tf from '@tensorflow/tfjs';
import { clipGradient, renormalise, safeLog } from './gradients.js';
import { type MachineShape, modulesOf, selectionWidths } from './layout.js';
import { Arithmetic, read, write } from './modules.js';

/** What a machine remembers between time steps, for N examples; all rows are distributions over 0 .. M-1. */
export interface MachineState {
  /** [N, registers, M] */
  readonly registers: tf.Tensor3D;
  /** [N, M, M]: row i is the content of cell i. */
  readonly memory: tf.Tensor3D;
}

/** A time step's outcome. */
export interface MachineStep extends MachineState {
  /** Of all distributions that the controller put out together, in nats, [N]. */
  readonly entropy: tf.Tensor1D;
  /** P(r = 0) of every register, [N, registers]: all that the controller sees. */
  readonly zeros: tf.Tensor2D;
  /** sum over answer cells i of log max(memory[i][y_i], epsilon), [N]. */
  readonly likelihood: tf.Tensor1D;
}

/** A machine without its controller, by ops or by a fused kernel. */
export interface Stepper {
  /**
   * One time step.
   * @param logits [N, logitCount(shape)], see `selectionWidths` for their order.
   * @param targets what each cell must hold in the end, int32 [N, M]; -1 where it may hold anything.
   */
  step(logits: tf.Tensor2D, state: MachineState, targets: tf.Tensor2D): MachineStep;
  dispose(): void;
}

/** A logit that stands for a value that cannot be chosen: its probability is 0 in float32. */
const NEVER = -1e9;

/**
 * The machine without its controller [NRAM section 3]: modules, registers and memory, as TensorFlow.js ops that
 * differentiate themselves. The reference for the fused kernel, and what runs where there is none.
 */
export class Machine implements Stepper {
  private readonly arithmetic: Arithmetic;
  /** Where each entry of the table of selections comes from, int32 [selections * values]. */
  private readonly sources: tf.Tensor1D;
  /** Where each logit went, int32 [logits]. */
  private readonly places: tf.Tensor1D;
  private readonly widths: readonly number[];
  private readonly lowest: tf.Tensor;

  /**
   * @param limit clip 1, the limit of every gradient entry with respect to registers, memory and module outputs, for
   *   each of the N examples, [N, 1, 1]; stays the caller's.
   * @param epsilon least argument of the logarithm in the likelihood.
   */
  constructor(
    private readonly shape: MachineShape,
    private readonly limit: tf.Tensor3D,
    private readonly epsilon: number,
  ) {
    this.arithmetic = new Arithmetic(shape.memory);
    this.widths = selectionWidths(shape);
    this.lowest = tf.neg(limit);
    const { sources, places } = tableOf(this.widths);
    this.sources = tf.tensor1d(sources, 'int32');
    this.places = tf.tensor1d(places, 'int32');
  }

  step(logits: tf.Tensor2D, state: MachineState, targets: tf.Tensor2D): MachineStep {
    const modules = modulesOf(this.shape);
    // p log p is made from the logits: there is no logarithm of a probability that epsilon would have to keep from 0.
    const logProbabilities = tf.logSoftmax(this.table(logits));
    const probabilities = tf.exp(logProbabilities);
    const choices = tf.split(probabilities, [...modules.map(() => 2), this.shape.registers], 1);
    let values = state.registers;
    let { memory } = state;
    for (const [i, name] of modules.entries()) {
      const [A, B] = tf.unstack(select(choices[i]!, values), 1) as [tf.Tensor2D, tf.Tensor2D];
      if (name === 'WRITE') memory = this.clipped(write(memory, A, B));
      const output =
        name === 'READ' ? read(memory, A) : name === 'WRITE' ? B : this.arithmetic.apply(name, A, B);
      values = tf.concat([values, this.clipped(tf.expandDims(output, 1) as tf.Tensor3D)], 1);
    }
    const registers = this.clipped(renormalise(select(choices.at(-1)!, values)));
    memory = renormalise(memory);
    return {
      registers,
      memory,
      entropy: tf.neg(tf.sum(tf.mul(probabilities, logProbabilities), [1, 2])),
      zeros: tf.squeeze(tf.slice(registers, [0, 0, 0], [-1, -1, 1]), [2]),
      likelihood: this.likelihood(memory, targets),
    };
  }

  dispose(): void {
    this.arithmetic.dispose();
    tf.dispose([this.sources, this.places, this.lowest]);
  }

  private likelihood(memory: tf.Tensor3D, targets: tf.Tensor2D): tf.Tensor1D {
    const isAnswer = tf.cast(tf.greaterEqual(targets, 0), 'float32');
    const right = tf.sum(tf.mul(memory, oneHot(targets, this.shape.memory)), 2);
    return tf.sum(tf.mul(safeLog(right, this.epsilon), isAnswer), 1);
  }

  private clipped<T extends tf.Tensor>(x: T): T {
    return clipGradient(x, this.lowest, this.limit);
  }

  /** The logits as a table [N, selections, values], in which values that a selection does not have are out of reach. */
  private table(logits: tf.Tensor2D): tf.Tensor3D {
    const N = logits.shape[0];
    const table = tf.customGrad((input) => ({
      value: tf.gather(tf.concat([input as tf.Tensor2D, tf.fill([N, 1], NEVER)], 1), this.sources, 1),
      // Every logit has exactly one place, so that the way back is a gather as well.
      gradFunc: (dy: tf.Tensor) => tf.gather(dy, this.places, 1),
    }))(logits);
    return tf.reshape(table, [N, this.widths.length, this.sources.size / this.widths.length]) as tf.Tensor3D;
  }
}

/** Indices from a table with a row per selection to the flat list of logits (`count` where it has none), and back. */
function tableOf(widths: readonly number[]): { sources: number[]; places: number[] } {
  const columns = Math.max(...widths);
  const count = widths.reduce((sum, width) => sum + width, 0);
  const sources = new Array<number>(widths.length * columns).fill(count);
  const places: number[] = [];
  for (const [row, width] of widths.entries())
    for (let column = 0; column < width; column++) {
      sources[row * columns + column] = places.length;
      places.push(row * columns + column);
    }
  return { sources, places };
}

/** The mixtures [N, selections, M] of values [N, V, M] that `choices` [N, selections, columns] makes of the first V. */
function select(choices: tf.Tensor, values: tf.Tensor3D): tf.Tensor3D {
  const [N, selections] = choices.shape as [number, number, number];
  return tf.matMul(
    tf.slice(choices as tf.Tensor3D, [0, 0, 0], [N, selections, values.shape[1]]),
    values,
  ) as tf.Tensor3D;
}

/** All registers 0, and the memory as given. @param memory integers, int32 [N, M]. */
export function startingState(memory: tf.Tensor2D, { registers }: { registers: number }): MachineState {
  const [N, M] = memory.shape;
  return {
    registers: oneHot(tf.zeros([N, registers], 'int32'), M),
    memory: oneHot(memory, M),
  };
}

/** float32 [..., M]; of -1 it is zeros. TensorFlow.js's own is int32. */
function oneHot(integers: tf.Tensor, M: number): tf.Tensor3D {
  return tf.cast(tf.oneHot(integers, M), 'float32') as tf.Tensor3D;
}
