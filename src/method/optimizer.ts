import * as tf from '@tensorflow/tfjs';
import { applyUpdates } from './apply.js';
import { listGradients, type NamedGradients } from './named-gradients.js';
import type { GradientTransformation } from './transformation.js';

/**
 * A chain of gradient transformations as a TensorFlow.js optimiser, for `model.compile`, `minimize` and custom loops:
 *
 *     const optimizer = asOptimizer(chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1)));
 *     model.compile({ optimizer, loss: 'categoricalCrossentropy' });
 *
 * The set of variables, and their order, must stay the same from the first update on.
 */
export function asOptimizer(transformation: GradientTransformation): tf.Optimizer {
  return new TransformationOptimizer(transformation);
}

class TransformationOptimizer extends tf.Optimizer {
  static className = 'TransformationOptimizer';
  private state: tf.Tensor[] | undefined;
  private step = 0;

  constructor(private readonly transformation: GradientTransformation) {
    super();
  }

  /** @throws Error if a gradient names a variable that TensorFlow.js does not know. */
  override applyGradients(gradients: NamedGradients): void {
    const named = listGradients(gradients);
    const variables = named.map(({ name }) => registered(name));
    const next = tf.tidy(() => {
      // One network is a population of one: [...] becomes [1, ...].
      const parameters = variables.map((v) => tf.expandDims(v as tf.Tensor, 0));
      this.state ??= this.transformation.init(parameters).map((t) => tf.keep(t));
      const lifted = named.map(({ tensor }) => tf.expandDims(tensor, 0));
      const result = this.transformation.update(lifted, this.state, tf.scalar(this.step, 'int32'));
      for (const [i, p] of applyUpdates(parameters, result.updates).entries())
        variables[i]!.assign(tf.squeeze(p, [0]));
      return result.state.map((t) => tf.keep(t));
    });
    for (const old of this.state ?? []) if (!next.includes(old)) old.dispose();
    this.state = next;
    this.step += 1;
    this.incrementIterations();
  }

  override dispose(): void {
    tf.dispose(this.state ?? []);
    this.state = undefined;
    super.dispose();
  }

  getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

function registered(name: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name];
  if (!variable)
    throw new Error(`There is no variable named "${name}"; gradients must be named after variables.`);
  return variable;
}
