import type * as tf from '@tensorflow/tfjs';
import type { NamedTensors } from './named-tensors.js';
import type { ChainState, LinkState } from './state.js';

/** A hyper-parameter: one number for all replicas, or one for each. */
export type PerReplica = number | readonly number[];

/**
 * One step on gradients, in optax's sense: pure functions of tensors, composed by `chain`. It remembers nothing itself,
 * so one transformation serves any number of networks.
 *
 * Every tensor begins with the replica axis, [R, ...]: R independent networks are treated in lockstep, and R = 1 is the
 * single network.
 */
export interface GradientTransformation<S extends LinkState = LinkState> {
  /** Under which a chain files its state. */
  readonly name: string;
  /** Starting state for these parameters, each [R, ...]. */
  init(parameters: NamedTensors): S;
  /**
   * Maps gradients to updates, each under the name of its parameter. Call it inside `tf.tidy`; tensors of `state` may
   * come back unchanged in the new state.
   * @param gradients [R, ...], in any order; parameters without one are left as they are, and so is what is held of them.
   * @param step int32 scalar: number of the update, 0 at the first.
   * @returns `state` left out: it stays as it is.
   */
  update(gradients: NamedTensors, state: S, step: tf.Scalar): { updates: NamedTensors; state?: S };
}

/** Checks a transformation against the type of the state that its `init` makes, then hides that type. */
export function transformation<S extends LinkState>(own: GradientTransformation<S>): GradientTransformation {
  return own;
}

/** Transformations one after another. Pure, like its links: the state is handed in and out. */
export interface Chain {
  /** First to last, each with the name under which its state is filed. */
  readonly links: readonly (readonly [name: string, link: GradientTransformation])[];
  /** Starting state for these parameters, each [R, ...]. */
  init(parameters: NamedTensors): ChainState;
  /**
   * Maps gradients to updates by way of all links; see {@link GradientTransformation.update}.
   * @throws Error if the state is that of another chain.
   */
  update(
    gradients: NamedTensors,
    state: ChainState,
    step: tf.Scalar,
  ): { updates: NamedTensors; state: ChainState };
}

/**
 * Composes transformations, first to last: `chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1))`
 * is the paper's step [GN section 3]; leaving one link out is its arm without noise. The links of a chain inside become
 * the chain's own; a second link of one name is filed as `name-2`.
 */
export function chain(...parts: readonly (GradientTransformation | Chain)[]): Chain {
  const links = withOwnNames(
    parts.flatMap((part) => ('links' in part ? part.links.map(([, link]) => link) : part)),
  );
  return {
    links,
    init: (parameters) => Object.fromEntries(links.map(([name, link]) => [name, link.init(parameters)])),
    update(gradients, state, step) {
      const next: { [link: string]: LinkState } = {};
      let updates = gradients;
      for (const [name, link] of links) {
        const own = state[name];
        if (!own) throw new Error(`The state of another chain was given: it holds nothing for ${name}.`);
        const result = link.update(updates, own, step);
        updates = result.updates;
        next[name] = result.state ?? own;
      }
      return { updates, state: next };
    },
  };
}

function withOwnNames(links: readonly GradientTransformation[]): [string, GradientTransformation][] {
  const counts = new Map<string, number>();
  return links.map((link) => {
    const count = (counts.get(link.name) ?? 0) + 1;
    counts.set(link.name, count);
    return [count === 1 ? link.name : `${link.name}-${count}`, link];
  });
}
