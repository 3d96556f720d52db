import * as tf from '@tensorflow/tfjs';
import { decide, haltLogits, startingMemory } from './controller.js';
import type { MachineState, MachineStep, Stepper } from './machine.js';
import type { KthElementSettings } from './settings.js';

/** What a run of the machine over all its time steps comes to, for N = R * B examples. */
export interface Run {
  /** - sum_t p_t sum_i log memory_t[i][y_i], [N]; the log is natural. [NRAM section 3.3] */
  readonly cost: tf.Tensor1D;
  /** Entropy of all distributions the controller put out, summed over the time steps, [N]. */
  readonly entropy: tf.Tensor1D;
  /** sum_t p_t memory_t, [N, M, M]. */
  readonly memory: tf.Tensor3D;
}

/** Logits times this leave softmax no choice but the most probable value; ties within 1e-3 of each other stay mixtures. */
const SHARPNESS = 1e4;

/**
 * Runs controller and machine for all time steps, differentiably.
 * @param parameters each [R, ...].
 * @param start the machine's state for N = R * B examples, replica by replica.
 * @param targets what each cell must hold in the end, int32 [N, M]; -1 where it may hold anything.
 * @param hard replaces every selection by its most probable value [NRAM section 3.4]; when to stop stays a distribution.
 */
export function run(
  model: KthElementSettings['model'],
  parameters: readonly tf.Tensor[],
  machine: Stepper,
  start: MachineState,
  targets: tf.Tensor2D,
  hard = false,
): Run {
  const R = parameters[0]!.shape[0]!;
  const N = start.memory.shape[0];
  const B = N / R;
  let state = start;
  // Registers start at 0, all of them.
  let zeros = tf.ones([R, B, model.registers]) as tf.Tensor3D;
  let memory = startingMemory(model, R, B);
  const tops: tf.Tensor3D[] = [];
  const steps: MachineStep[] = [];
  for (let t = 0; t < model.steps; t++) {
    const decision = decide(parameters, zeros, memory);
    const logits = hard ? tf.mul(decision.logits, SHARPNESS) : decision.logits;
    const step = machine.step(tf.reshape(logits, [N, -1]), state, targets);
    zeros = tf.reshape(step.zeros, [R, B, -1]);
    state = step;
    memory = decision.memory;
    tops.push(decision.top);
    steps.push(step);
  }
  // p_T is what is left, whatever the controller says then: the last step's halt logit is not even computed.
  const stops = stopProbabilities(haltProbabilities(parameters, tops.slice(0, -1)), N);
  const costs = steps.map((step, t) => tf.mul(stops[t]!, step.likelihood));
  return {
    cost: tf.neg(tf.addN(costs)) as tf.Tensor1D,
    entropy: tf.addN(steps.map(({ entropy }) => entropy)),
    memory: tf.addN(steps.map((step, t) => tf.mul(step.memory, tf.reshape(stops[t]!, [N, 1, 1])))),
  };
}

/** f_t of all steps but the last, each [N]. */
function haltProbabilities(parameters: readonly tf.Tensor[], tops: readonly tf.Tensor3D[]): tf.Tensor1D[] {
  const [R, B] = tops[0]!.shape;
  const all = tf.sigmoid(haltLogits(parameters, tf.concat([...tops], 1)));
  return tops.map((_, t) => tf.reshape(tf.slice(all, [0, t * B, 0], [R, B, 1]), [-1]) as tf.Tensor1D);
}

/**
 * p_t = f_t prod_{i<t} (1 - f_i) of all time steps; the last is what is left, so that they sum to 1.
 * @param halts f_t of all steps but the last, each [N].
 */
export function stopProbabilities(halts: readonly tf.Tensor1D[], N: number): tf.Tensor1D[] {
  let left = tf.ones([N]) as tf.Tensor1D;
  const stops: tf.Tensor1D[] = [];
  for (const f of halts) {
    stops.push(tf.mul(f, left));
    left = tf.mul(left, tf.sub(1, f));
  }
  return [...stops, left];
}
