import * as tf from '@tensorflow/tfjs';
import type { Batch, Program } from '../experiments/experiment.js';
import { descend } from '../method/descend.js';
import type { NamedTensors } from '../method/named-tensors.js';
import type { ChainState } from '../method/state.js';
import type { Chain } from '../method/transformation.js';
import { norms } from '../ops/squared-norm.js';
import type { RateFactor } from './anneal.js';

/** Sums since the last report: the training losses, [R], and the program's monitors, each [R, ...]. */
export type Sums = { readonly loss: tf.Tensor; readonly monitors: tf.Tensor[] };

/** Everything of a population that lives on the device; every tensor but `step` begins with the replica axis. */
export type LockstepState = {
  readonly parameters: NamedTensors;
  readonly optimiser: ChainState;
  readonly sums: Sums;
  /** Updates done: int32 scalar, so that a step needs no number from the host. */
  readonly step: tf.Scalar;
};

/** What makes a step of a population. */
export interface Stepping {
  readonly program: Program;
  readonly optimiser: Chain;
  /** What the rate is multiplied by; undefined where it stays as it is. */
  readonly rateFactor: RateFactor | undefined;
}

/** Where training starts: the program's own start values, nothing remembered, no update done. */
export function startingState(program: Program, optimiser: Chain, replicas: number): LockstepState {
  const parameters = named(program, program.initialise());
  return {
    parameters,
    optimiser: optimiser.init(parameters),
    sums: zeroSums(program, replicas),
    step: tf.scalar(0, 'int32'),
  };
}

/**
 * One update of every replica: a pure function of tensors, without read-back and without a branch on data.
 * The caller disposes what it no longer needs of the old state.
 */
export function trainingStep(
  { program, optimiser, rateFactor }: Stepping,
  state: LockstepState,
  batch: Batch,
): LockstepState {
  return tf.tidy(() => {
    const { value, grads, monitors } = differentiate(program, state, batch);
    const { parameters: moved, state: next } = descend(
      optimiser,
      named(program, grads),
      { parameters: state.parameters, state: state.optimiser },
      state.step,
      rateFactor?.(state.step),
    );
    const sums = {
      loss: tf.add(state.sums.loss, value),
      monitors: monitors.map((monitor, i) => tf.add(state.sums.monitors[i]!, monitor)),
    };
    tf.dispose(monitors);
    return {
      parameters: program.constrain ? named(program, program.constrain(listed(program, moved))) : moved,
      optimiser: next,
      sums,
      step: tf.add(state.step, tf.onesLike(state.step)) as tf.Scalar,
    };
  });
}

/** Losses of every replica, [R], their gradients and the monitors, which the caller disposes. Runs inside a tidy. */
function differentiate(program: Program, { parameters, step }: LockstepState, batch: Batch) {
  let monitors: tf.Tensor[] = [];
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const losses = program.loss(tensors, batch, step);
    monitors = (losses.monitors ?? []).map((monitor) => tf.keep(monitor));
    // A vector of losses, one per replica: its gradient with respect to ones is each replica's own gradient.
    return losses.loss;
  })(listed(program, parameters));
  return { value, grads, monitors };
}

/** Norm of every replica's gradient at the next update, before clipping, [R]; frees the batch and changes nothing. */
export function gradientNorms({ program }: Stepping, state: LockstepState, batch: Batch): tf.Tensor1D {
  const result = tf.tidy(() => {
    const { grads, monitors } = differentiate(program, state, batch);
    tf.dispose(monitors);
    return tf.squeeze(norms([grads]), [0]) as tf.Tensor1D;
  });
  tf.dispose(batch);
  return result;
}

/** Sums to start an interval with: zeros for the loss and for every monitor. */
export function zeroSums({ monitors = [] }: Program, replicas: number): Sums {
  return {
    loss: tf.zeros([replicas]),
    monitors: monitors.map((shape) => tf.zeros([replicas, ...shape])),
  };
}

/** All of a state that has a part for every replica. */
export function replicated({ parameters, optimiser, sums }: LockstepState) {
  return { parameters, optimiser, sums };
}

/** Tensors in the order of the program's parameters, under their names. */
function named(program: Program, tensors: readonly tf.Tensor[]): NamedTensors {
  return Object.fromEntries(program.parameters.map(({ name }, i) => [name, tensors[i]!]));
}

/** The tensors of all parameters in the program's order. */
export function listed(program: Program, tensors: NamedTensors): tf.Tensor[] {
  return program.parameters.map(({ name }) => tensors[name]!);
}
