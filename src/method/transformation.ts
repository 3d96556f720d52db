import type * as tf from '@tensorflow/tfjs';

/**
 * One step on gradients, in optax's sense: pure functions of tensors, composed by {@link chain}.
 *
 * Every tensor begins with the replica axis, [R, ...]: R independent networks are treated in lockstep, and R = 1 is the
 * single network. State tensors begin with it too, hyper-parameters included ([R]), so a population is cut down, saved
 * and resumed by treating all its tensors alike.
 */
export interface GradientTransformation {
  /** Starting state for these parameters, each [R, ...]. */
  init(parameters: readonly tf.Tensor[]): tf.Tensor[];
  /**
   * Maps gradients to updates. Call it inside `tf.tidy`; tensors of `state` may come back unchanged in the new state.
   * @param gradients one [R, ...] per parameter, in the order given to `init`.
   * @param step int32 scalar: number of the update, 0 at the first.
   */
  update(
    gradients: readonly tf.Tensor[],
    state: readonly tf.Tensor[],
    step: tf.Scalar,
  ): { updates: tf.Tensor[]; state: tf.Tensor[] };
}

/** A hyper-parameter: one number for all replicas, or one for each. */
export type PerReplica = number | readonly number[];

/**
 * Composes transformations, first to last: `chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1))`
 * is the paper's step [GN section 3]; leaving one link out is its arm without noise.
 */
export function chain(...links: readonly GradientTransformation[]): GradientTransformation {
  // Set by `init`: how many of the state's tensors belong to each link.
  let counts: number[] = [];
  return {
    init(parameters) {
      const states = links.map((link) => link.init(parameters));
      counts = states.map((state) => state.length);
      return states.flat();
    },
    update(gradients, state, step) {
      let updates = [...gradients];
      const next: tf.Tensor[] = [];
      let from = 0;
      for (const [i, link] of links.entries()) {
        const to = from + counts[i]!;
        const result = link.update(updates, state.slice(from, to), step);
        updates = result.updates;
        next.push(...result.state);
        from = to;
      }
      return { updates, state: next };
    },
  };
}
