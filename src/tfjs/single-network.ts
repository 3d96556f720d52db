import * as tf from '@tensorflow/tfjs-core';
import { checkArgument, limit } from '../method/hyper-parameters.js';
import { mapTensors, type NamedTensors } from '../method/named-tensors.js';
import { type ChainState, replaceHyper } from '../method/state.js';
import { disposeTree, mapTree, mergeTrees, tensorsByPath, tensorsOf } from '../method/tensor-tree.js';
import { type Chain, chain, type GradientTransformation } from '../method/transformation.js';
import { VariableKeys } from './variable-keys.js';

/** A tensor of an optimiser, as TensorFlow.js saves it beside a model's weights. */
export interface Weight {
  name: string;
  tensor: tf.Tensor;
}

/**
 * What is remembered. `shapes` has those of all variables seen so far, in the order in which they came, with the replica axis:
 * int32 [rank + 1]. The state has the same keys.
 */
type Memory = {
  readonly shapes: NamedTensors;
  readonly state: ChainState;
  /** Updates done when it was last saved. */
  readonly step?: tf.Scalar;
};

/**
 * A chain at work on one network, without a replica axis: holds the state, saves and restores it. Variables are known by
 * name and may come and go; the state of those without a gradient rests. Owns its tensors; call `dispose` when done.
 */
export class SingleNetwork {
  readonly chain: Chain;
  private keys = new VariableKeys();
  /** Made when it is first needed: before, TensorFlow.js may have no backend. */
  private made: Memory | undefined;

  constructor(transformation: GradientTransformation | Chain) {
    this.chain = chain(transformation);
  }

  /**
   * One update. Call it inside `tf.tidy`.
   * @param parameters what the gradients are of.
   * @param step number of the update, from 0.
   */
  update(gradients: NamedTensors, parameters: NamedTensors, step: number): NamedTensors {
    const memory = this.withNewcomers(gradients, parameters);
    // In one order whatever the order given: sums over all of them are rounded alike.
    const present = Object.keys(memory.shapes).filter((key) =>
      Object.hasOwn(gradients, this.keys.nameOf(key) ?? ''),
    );
    if (present.length === 0) return {};
    const { updates, state } = this.chain.update(
      this.lift(gradients, present),
      memory.state,
      tf.scalar(step, 'int32'),
      this.lift(parameters, present),
    );
    this.remember({ ...memory, state });
    const lowered = Object.entries(updates).map(([key, t]) => [this.keys.nameOf(key)!, tf.squeeze(t, [0])]);
    return Object.fromEntries(lowered);
  }

  /**
   * Everything that is remembered. The tensors stay the network's.
   * @param step updates done.
   */
  save(step: number): Weight[] {
    this.remember({ ...this.memory, step: tf.scalar(step, 'int32') });
    return [...tensorsByPath(this.memory)].map(([path, tensor]) => ({ name: OURS + path, tensor }));
  }

  /**
   * Goes on from what `save` gave, in this process or another.
   * @param saved copied; others may be among them.
   * @returns updates done.
   * @throws Error if it is that of another chain.
   */
  async restore(saved: readonly Weight[]): Promise<number> {
    const weights = new Map(saved.map(({ name, tensor }) => [name, tensor]));
    const shapes: [key: string, shape: number[]][] = [];
    for (const [name, tensor] of weights)
      if (name.startsWith(SHAPES)) shapes.push([name.slice(SHAPES.length), [...(await tensor.data())]]);
    const restored = tf.tidy(() => {
      const zeros = Object.fromEntries(shapes.map(([key, shape]) => [key, tf.zeros(shape)]));
      const start = {
        shapes: mapTensors(zeros, shapeOf),
        state: this.chain.init(zeros, 1),
        step: tf.scalar(0, 'int32'),
      };
      return kept(mapTree(start, (fresh, path) => tf.clone(fitting(weights.get(OURS + path), fresh, path))));
    });
    this.remember(restored);
    this.keys = new VariableKeys(shapes.map(([name, [, ...shape]]) => ({ name, shape })));
    return (await restored.step!.data())[0]!;
  }

  /** The value of a hyper-parameter at an update; undefined where the link has none of that name. */
  hyper(link: string, name: string, step: number): number | undefined {
    return tf.tidy(() => {
      const state = this.memory.state[link] ?? {};
      const own = this.chain.links.find(([key]) => key === link)?.[1];
      const hyper = own?.hyperAt?.(state, tf.scalar(step, 'int32')) ?? state.hyper;
      return hyper?.[name]?.dataSync()[0];
    });
  }

  /**
   * Gives a hyper-parameter another value from the next update on.
   * @throws RangeError if the chain has none of that name, RangeError or TypeError if it cannot have that value.
   */
  inject(link: string, name: string, value: number): void {
    const range = this.chain.links.find(([key]) => key === link)?.[1].ranges?.[name];
    checkArgument(`${link}: ${name}`, value, range ?? limit);
    const state = replaceHyper(this.memory.state, link, name, tf.tensor1d([value]));
    this.remember({ ...this.memory, state });
  }

  dispose(): void {
    if (this.made) disposeTree(this.made);
    this.made = undefined;
    this.keys = new VariableKeys();
  }

  private get memory(): Memory {
    this.made ??= kept(tf.tidy(() => ({ shapes: {}, state: this.chain.init({}, 1) })));
    return this.made;
  }

  private remember(next: Memory): void {
    const old = this.made;
    this.made = kept(next);
    if (old) disposeTree(old, next);
  }

  private withNewcomers(gradients: NamedTensors, parameters: NamedTensors): Memory {
    const { shapes, state, ...rest } = this.memory;
    const isNew = (name: string) => !Object.hasOwn(shapes, this.keys.of(name) ?? '');
    const newcomers = Object.keys(gradients).filter(isNew);
    if (newcomers.length === 0) return this.memory;
    this.keys.add(newcomers.map((name) => ({ name, shape: gradients[name]!.shape })));
    const joining = newcomers.filter(isNew).map((name) => this.keys.of(name)!);
    const lifted = this.lift(parameters, joining);
    this.remember({
      ...rest,
      shapes: { ...shapes, ...mapTensors(lifted, shapeOf) },
      state: mergeTrees(state, this.chain.init(lifted, 1)),
    });
    return this.memory;
  }

  /** One network is a population of one: [...] becomes [1, ...]. */
  private lift(tensors: NamedTensors, keys: readonly string[]): NamedTensors {
    return Object.fromEntries(keys.map((key) => [key, tf.expandDims(tensors[this.keys.nameOf(key)!]!, 0)]));
  }
}

/** What begins the names of saved tensors: other weights may lie beside them. */
export const OURS = 'gnoise/';
const SHAPES = `${OURS}shapes/`;

function shapeOf(tensor: tf.Tensor): tf.Tensor1D {
  return tf.tensor1d(tensor.shape, 'int32');
}

/** The state outlives every tidy around a step. */
function kept(memory: Memory): Memory {
  for (const tensor of tensorsOf(memory)) tf.keep(tensor);
  return memory;
}

function fitting(saved: tf.Tensor | undefined, fresh: tf.Tensor, path: string): tf.Tensor {
  if (!saved) throw new Error(`The weights are not those of this optimiser: they have no ${path}.`);
  if (saved.shape.join() === fresh.shape.join() && saved.dtype === fresh.dtype) return saved;
  throw new Error(
    `The weights are not those of this optimiser: ${path} is ${saved.dtype} [${saved.shape}], not ${fresh.dtype} [${fresh.shape}].`,
  );
}
