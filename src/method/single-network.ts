import * as tf from '@tensorflow/tfjs';
import { mapTensors, type NamedTensors } from './named-tensors.js';
import type { ChainState } from './state.js';
import { disposeTree, mergeTrees, tensorsOf } from './tensor-tree.js';
import { type Chain, chain, type GradientTransformation } from './transformation.js';

/**
 * A chain at work on one network, without a replica axis: holds the state and counts the updates. Variables are known by
 * name and may come and go; the state of those without a gradient rests. Owns its tensors; call `dispose` when done.
 */
export class SingleNetwork {
  private readonly chain: Chain;
  private state: ChainState = {};
  /** Variables seen so far, in the order in which they came. */
  private known: ReadonlySet<string> = new Set();
  private step = 0;

  constructor(transformation: GradientTransformation | Chain) {
    this.chain = chain(transformation);
  }

  /**
   * One update. Call it inside `tf.tidy`.
   * @param parameters what the gradients are of; only those seen for the first time need to be there.
   */
  update(gradients: NamedTensors, parameters: NamedTensors): NamedTensors {
    const names = Object.keys(gradients);
    const newcomers = names.filter((name) => !this.known.has(name));
    const known = new Set([...this.known, ...newcomers]);
    // In one order whatever the order given: sums over all of them are rounded alike.
    const present = [...known].filter((name) => Object.hasOwn(gradients, name));
    const state =
      newcomers.length === 0
        ? this.state
        : mergeTrees(this.state, this.chain.init(lift(parameters, newcomers)));
    const step = tf.scalar(this.step, 'int32');
    const result =
      present.length === 0
        ? { updates: {}, state }
        : this.chain.update(lift(gradients, present), state, step);
    // The state outlives this step and every tidy around it.
    for (const tensor of tensorsOf(result.state)) tf.keep(tensor);
    disposeTree(this.state, result.state);
    this.state = result.state;
    this.known = known;
    this.step += 1;
    return mapTensors(result.updates, (update) => tf.squeeze(update, [0]));
  }

  dispose(): void {
    disposeTree(this.state);
    this.state = {};
    this.known = new Set();
  }
}

/** One network is a population of one: [...] becomes [1, ...]. */
function lift(tensors: NamedTensors, names: readonly string[]): NamedTensors {
  return Object.fromEntries(names.map((name) => [name, tf.expandDims(tensors[name]!, 0)]));
}
