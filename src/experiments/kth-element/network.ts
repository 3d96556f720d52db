import * as tf from '@tensorflow/tfjs';
import { decide, haltLogits, startingMemory } from './controller.js';
import { safeLog } from './gradients.js';
import type { MachineState, MachineStep } from './machine.js';
import type { KthElementSettings } from './settings.js';

/** Cells that must hold the answer. */
export interface Answers {
  /** One-hot rows where a cell is an answer, zero rows elsewhere: float32 [N, M, M]. */
  readonly targets: tf.Tensor3D;
  /** 1 where a cell is an answer, else 0: float32 [N, M]. */
  readonly cells: tf.Tensor2D;
}

/** What a run of the machine over all its time steps comes to, for N = R * B examples. */
export interface Run {
  /** - sum_t p_t sum_i log memory_t[i][y_i], [N]; the log is natural. [NRAM section 3.3] */
  readonly cost: tf.Tensor1D;
  /** Entropy of all distributions the controller put out, summed over the time steps, [N]. */
  readonly entropy: tf.Tensor1D;
  /** sum_t p_t memory_t, [N, M, M]. */
  readonly memory: tf.Tensor3D;
}

/** The part of a machine that a run needs: one time step, by ops or by a fused kernel. */
export interface Stepper {
  step(logits: tf.Tensor2D, state: MachineState): MachineStep;
}

/**
 * Runs controller and machine for all time steps, differentiably.
 * @param parameters each [R, ...].
 * @param start the machine's state for N = R * B examples, replica by replica.
 */
export function run(
  model: KthElementSettings['model'],
  parameters: readonly tf.Tensor[],
  machine: Stepper,
  start: MachineState,
  answers: Answers,
): Run {
  const R = parameters[0]!.shape[0]!;
  const N = start.memory.shape[0];
  const B = N / R;
  let state = start;
  let memory = startingMemory(model, R, B);
  const tops: tf.Tensor3D[] = [];
  const steps: MachineStep[] = [];
  for (let t = 0; t < model.steps; t++) {
    const decision = decide(parameters, zeroProbabilities(state, R), memory);
    state = machine.step(tf.reshape(decision.logits, [N, -1]), state);
    memory = decision.memory;
    tops.push(decision.top);
    steps.push(state as MachineStep);
  }
  // p_T is what is left, whatever the controller says then: the last step's halt logit is not even computed.
  const stops = stopProbabilities(haltProbabilities(parameters, tops.slice(0, -1)), N);
  const costs = steps.map((step, t) => tf.mul(stops[t]!, logLikelihood(step, answers, model.epsilon)));
  return {
    cost: tf.neg(tf.addN(costs)) as tf.Tensor1D,
    entropy: tf.addN(steps.map(({ entropy }) => entropy)),
    memory: tf.addN(steps.map((step, t) => tf.mul(step.memory, tf.reshape(stops[t]!, [N, 1, 1])))),
  };
}

/** P(r = 0) of every register, [R, B, registers]. */
export function zeroProbabilities({ registers }: MachineState, R: number): tf.Tensor3D {
  const [N, count] = registers.shape;
  return tf.reshape(tf.slice(registers, [0, 0, 0], [N, count, 1]), [R, N / R, count]);
}

/** f_t of all steps but the last, each [N]. */
function haltProbabilities(parameters: readonly tf.Tensor[], tops: readonly tf.Tensor3D[]): tf.Tensor1D[] {
  if (tops.length === 0) return [];
  const [, B] = tops[0]!.shape;
  const all = tf.sigmoid(haltLogits(parameters, tf.concat([...tops], 1)));
  return tf
    .split(all, new Array<number>(tops.length).fill(B), 1)
    .map((f) => tf.reshape(f, [-1]) as tf.Tensor1D);
}

/** p_t = f_t prod_{i<t} (1 - f_i); the last is what is left. */
function stopProbabilities(halts: readonly tf.Tensor1D[], N: number): tf.Tensor1D[] {
  let left = tf.ones([N]) as tf.Tensor1D;
  const stops: tf.Tensor1D[] = [];
  for (const f of halts) {
    stops.push(tf.mul(f, left));
    left = tf.mul(left, tf.sub(1, f));
  }
  return [...stops, left];
}

/** sum over answer cells of log memory[i][y_i], [N]. */
function logLikelihood({ memory }: MachineState, { targets, cells }: Answers, epsilon: number): tf.Tensor1D {
  const right = tf.sum(tf.mul(memory, targets), 2);
  return tf.sum(tf.mul(safeLog(right, epsilon), cells), 1);
}
