import type * as tf from '@tensorflow/tfjs-core';
import type { Configured } from './config.js';
import type { Range } from './hyper-parameters.js';
import type { NamedTensors } from './named-tensors.js';
import { replicasOf } from './per-replica.js';
import type { Pointwise } from './pointwise.js';
import type { ChainState, LinkState } from './state.js';

/**
 * One step on gradients, in optax's sense: pure functions of tensors, composed by `chain`. It remembers nothing itself,
 * so one transformation serves any number of networks.
 *
 * Every tensor begins with the replica axis, [R, ...]: R independent networks are treated in lockstep, and R = 1 is the
 * single network.
 */
export interface GradientTransformation<S extends LinkState = LinkState> extends Configured {
  /** Under which a chain files its state. */
  readonly name: string;
  /** What its hyper-parameters may be, by name; of those left out nothing is known. */
  readonly ranges?: { readonly [hyper: string]: Range };
  /**
   * Starting state for these parameters, each [R, ...]; further ones may join later, with a state of their own.
   * @param replicas R, for when there is no parameter yet.
   */
  init(parameters: NamedTensors, replicas?: number): S;
  /**
   * Maps gradients to updates, each under the name of its parameter. Call it inside `tf.tidy`; tensors of `state` may
   * come back unchanged in the new state.
   * @param gradients [R, ...], in any order; parameters without one are left as they are, and so is what is held of them.
   * @param step int32 scalar: number of the update, 0 at the first.
   * @param parameters [R, ...] before the update; a link that does not ask for them may be used without.
   */
  update(
    gradients: NamedTensors,
    state: S,
    step: tf.Scalar,
    parameters?: NamedTensors,
  ): {
    /** [R, ...], under the names of the gradients: what the next link works on; after the last, what is added to the parameters. */
    updates: NamedTensors;
    /** Left out: it stays as it is. */
    state?: S;
  };
  /**
   * What it does entry by entry to these gradients, [R, ...]: see `descend`.
   * @internal
   */
  pointwise?(gradients: NamedTensors, state: S, step: tf.Scalar): Pointwise;
  /** The hyper-parameters as an update takes them, where they are not simply those of the state. */
  hyperAt?(state: S, step: tf.Scalar): NamedTensors;
}

/**
 * Makes a link of a chain from its functions: checks them against the type of the state that `init` makes, then hides that
 * type.
 * @param own a transformation whose `init` is always told how many replicas there are.
 */
export function transformation<S extends LinkState>(
  own: Omit<GradientTransformation<S>, 'init'> & { init(parameters: NamedTensors, replicas: number): S },
): GradientTransformation {
  const init = (parameters: NamedTensors, replicas = replicasOf(parameters)) =>
    own.init(parameters, replicas);
  return { ...own, init } satisfies GradientTransformation<S> as unknown as GradientTransformation;
}

/** Transformations one after another. Pure, like its links: the state is handed in and out. */
export interface Chain {
  /** First to last, each with the name under which its state is filed. */
  readonly links: readonly (readonly [name: string, link: GradientTransformation])[];
  /** Starting state for these parameters, each [R, ...]; see {@link GradientTransformation.init}. */
  init(parameters: NamedTensors, replicas?: number): ChainState;
  /**
   * Maps gradients to updates by way of all links; see {@link GradientTransformation.update}.
   * @throws Error if the state is that of another chain.
   */
  update(
    gradients: NamedTensors,
    state: ChainState,
    step: tf.Scalar,
    parameters?: NamedTensors,
  ): {
    /** [R, ...], under the names of the gradients; see {@link applyUpdates}. */
    updates: NamedTensors;
    /** For the next update. */
    state: ChainState;
  };
}

/**
 * Composes transformations, first to last: `chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1))`
 * is the paper's step [GN section 3]; leaving one link out is its arm without noise. The links of a chain inside become
 * the chain's own; a second link of one name is filed as `name-2`.
 * @throws TypeError if one of them is neither a transformation nor a chain.
 */
export function chain(...parts: readonly (GradientTransformation | Chain)[]): Chain {
  for (const [i, part] of parts.entries())
    if (typeof part?.update !== 'function')
      throw new TypeError(`chain: part ${i + 1} must be a transformation, such as sgd(0.1), or a chain.`);
  const links = withOwnNames(
    parts.flatMap((part) => ('links' in part ? part.links.map(([, link]) => link) : part)),
  );
  return {
    links,
    init: (parameters, replicas = replicasOf(parameters)) =>
      Object.fromEntries(links.map(([name, link]) => [name, link.init(parameters, replicas)])),
    update(gradients, state, step, parameters) {
      const next: { [link: string]: LinkState } = {};
      let updates = gradients;
      for (const [name, link] of links) {
        const own = state[name];
        if (!own) throw new Error(`The state of another chain was given: it holds nothing for ${name}.`);
        const result = link.update(updates, own, step, parameters);
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
