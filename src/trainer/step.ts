import * as tf from '@tensorflow/tfjs';
import type { Batch, Program } from '../experiments/experiment.js';
import { applyUpdates } from '../method/apply.js';
import { against } from '../method/per-replica.js';
import type { GradientTransformation } from '../method/transformation.js';

/** Everything of a population that lives on the device; every tensor but `step` begins with the replica axis. */
export interface LockstepState {
  readonly parameters: readonly tf.Tensor[];
  readonly optimiser: readonly tf.Tensor[];
  /** Sums since the last report: the training losses, [R], then the program's monitors, each [R, ...]. */
  readonly sums: readonly tf.Tensor[];
  /** Updates done: int32 scalar, so that a step needs no number from the host. */
  readonly step: tf.Scalar;
}

/**
 * One update of every replica: a pure function of tensors, without read-back and without a branch on data.
 * The caller disposes what it no longer needs of the old state (see `advance`).
 */
export function trainingStep(
  program: Program,
  optimiser: GradientTransformation,
  state: LockstepState,
  batch: Batch,
): LockstepState {
  return tf.tidy(() => {
    let monitors: tf.Tensor[] = [];
    const { value, grads } = tf.valueAndGrads((...parameters: tf.Tensor[]) => {
      const losses = program.loss(parameters, batch, state.step);
      monitors = (losses.monitors ?? []).map((monitor) => tf.keep(monitor));
      // A vector of losses, one per replica: its gradient with respect to ones is each replica's own gradient.
      return losses.loss;
    })([...state.parameters]);
    const { updates, state: next } = optimiser.update(grads, state.optimiser, state.step);
    const moved = applyUpdates(state.parameters, atRate(program.rateFactor?.(state.step), updates));
    const sums = [value, ...monitors].map((term, i) => tf.add(state.sums[i]!, term));
    tf.dispose(monitors);
    return {
      parameters: program.constrain?.(moved) ?? moved,
      optimiser: next,
      sums,
      step: tf.add(state.step, tf.onesLike(state.step)) as tf.Scalar,
    };
  });
}

/** Every optimiser's update is proportional to its rate, so that scaling one is scaling the other. */
function atRate(factor: tf.Tensor | undefined, updates: tf.Tensor[]): tf.Tensor[] {
  if (!factor) return updates;
  return updates.map((update) => tf.mul(update, factor.rank === 0 ? factor : against(factor, update)));
}

/** Sums to start an interval with: zeros for the loss and for every monitor. */
export function zeroSums(program: Program, replicas: number): tf.Tensor[] {
  return [[], ...(program.monitors ?? [])].map((shape) => tf.zeros([replicas, ...shape]));
}

/** Runs one step and frees the old state and the batch. */
export function advance(
  program: Program,
  optimiser: GradientTransformation,
  state: LockstepState,
  batch: Batch,
): LockstepState {
  const next = trainingStep(program, optimiser, state, batch);
  const kept = new Set(tensorsOf(next));
  for (const tensor of tensorsOf(state)) if (!kept.has(tensor)) tensor.dispose();
  tf.dispose(batch);
  return next;
}

/** The tensors that have a part for every replica: all but the step. */
export function replicaTensors({ parameters, optimiser, sums }: LockstepState): tf.Tensor[] {
  return [...parameters, ...optimiser, ...sums];
}

export function tensorsOf(state: LockstepState): tf.Tensor[] {
  return [...replicaTensors(state), state.step];
}
