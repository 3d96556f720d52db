import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../method/config.js';
import { checkArgument, wholeBelow } from '../method/hyper-parameters.js';
import { mapTensors } from '../method/named-tensors.js';
import { type Chain, chain, type GradientTransformation } from '../method/transformation.js';
import { STEP_LIMIT } from '../random/streams.js';
import { configOf, make } from './configs.js';
import { networks } from './inject.js';
import { listGradients, type NamedGradients, presentGradients } from './named-gradients.js';
import { SingleNetwork, type Weight } from './single-network.js';

/** A TensorFlow.js optimiser that is a chain of gradient transformations. */
export interface ChainOptimizer extends tf.Optimizer {
  /**
   * The rate that the next update takes: that of the last link that has one. It may be set, unless it follows a schedule.
   * @throws RangeError if no link has a rate, or if it is set to a number that it cannot be.
   */
  learningRate: number;
}

/**
 * A chain of gradient transformations as a TensorFlow.js optimiser, for `model.compile`, `minimize` and custom loops:
 *
 *     const optimizer = asOptimizer(chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1)));
 *     model.compile({ optimizer, loss: 'categoricalCrossentropy' });
 *
 * What it remembers of a variable belongs to the variable's name: variables may come in any order, join later, or be
 * without a gradient for a while, which leaves them as they are. It is saved with a model (`includeOptimizer: true`), and
 * comes back with it: links, moments, draws of the noise and count of updates.
 *
 * @param step number of the first update, for schedules and noise; default 0.
 * @throws TypeError or RangeError if an argument cannot be.
 */
export function asOptimizer(
  transformation: GradientTransformation | Chain,
  { step = 0 }: { step?: number } = {},
): ChainOptimizer {
  return new TransformationOptimizer(chain(transformation), step);
}

class TransformationOptimizer extends tf.Optimizer implements ChainOptimizer {
  static className = 'TransformationOptimizer';
  private readonly network: SingleNetwork;

  constructor(
    own: Chain,
    private readonly start: number,
  ) {
    checkArgument('asOptimizer: step', start, wholeBelow(STEP_LIMIT));
    super();
    this.iterations_ = start;
    this.network = new SingleNetwork(own);
    networks.set(this, this.network);
  }

  /** @throws Error if a gradient names a variable that TensorFlow.js does not know. */
  override applyGradients(gradients: NamedGradients): void {
    tf.tidy(() => {
      const present = presentGradients(listGradients(gradients));
      const variables = mapTensors(present, (_gradient, name) => registered(name));
      const updates = this.network.update(present, variables, this.iterations);
      for (const [name, update] of Object.entries(updates))
        registered(name).assign(tf.add(registered(name), update));
    });
    this.incrementIterations();
  }

  get learningRate(): number {
    const link = this.linkWithRate();
    return this.network.hyper(link, 'rate', this.iterations)!;
  }

  set learningRate(rate: number) {
    this.network.inject(this.linkWithRate(), 'rate', rate);
  }

  private linkWithRate(): string {
    const names = this.network.chain.links.map(([name]) => name);
    const found = names.findLast((name) => this.network.hyper(name, 'rate', this.iterations) !== undefined);
    if (found !== undefined) return found;
    throw new RangeError(`None of the links ${names.join(', ')} has a rate.`);
  }

  override async getWeights(): Promise<Weight[]> {
    return this.network.save(this.iterations);
  }

  override async setWeights(weights: Weight[]): Promise<void> {
    this.iterations_ = await this.network.restore(weights);
  }

  override dispose(): void {
    this.network.dispose();
    super.dispose();
  }

  /** @throws Error if a link does not say what it was made from. */
  override getConfig(): tf.serialization.ConfigDict {
    const links = this.network.chain.links.map(([name, link]) => configOf(link, name));
    return { links, step: this.start } as unknown as tf.serialization.ConfigDict;
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { links, step } = config as unknown as { links: readonly Config[]; step: number };
    return new cls(chain(...links.map(make<GradientTransformation>)), step);
  }
}

tf.serialization.registerClass(TransformationOptimizer);

function registered(name: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name];
  if (!variable)
    throw new Error(`There is no variable named "${name}"; gradients must be named after variables.`);
  return variable;
}
