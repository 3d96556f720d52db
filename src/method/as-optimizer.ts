import * as tf from '@tensorflow/tfjs';
import { listGradients, type NamedGradients, presentGradients } from './named-gradients.js';
import { mapTensors } from './named-tensors.js';
import { SingleNetwork } from './single-network.js';
import type { Chain, GradientTransformation } from './transformation.js';

/**
 * A chain of gradient transformations as a TensorFlow.js optimiser, for `model.compile`, `minimize` and custom loops:
 *
 *     const optimizer = asOptimizer(chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), sgd(0.1)));
 *     model.compile({ optimizer, loss: 'categoricalCrossentropy' });
 *
 * What it remembers of a variable belongs to the variable's name: variables may come in any order, join later, or be
 * without a gradient for a while, which leaves them as they are.
 */
export function asOptimizer(transformation: GradientTransformation | Chain): tf.Optimizer {
  return new TransformationOptimizer(transformation);
}

class TransformationOptimizer extends tf.Optimizer {
  static className = 'TransformationOptimizer';
  private readonly network: SingleNetwork;

  constructor(transformation: GradientTransformation | Chain) {
    super();
    this.network = new SingleNetwork(transformation);
  }

  /** @throws Error if a gradient names a variable that TensorFlow.js does not know. */
  override applyGradients(gradients: NamedGradients): void {
    tf.tidy(() => {
      const present = presentGradients(listGradients(gradients));
      const variables = mapTensors(present, (_gradient, name) => registered(name));
      const updates = this.network.update(present, variables);
      for (const [name, update] of Object.entries(updates))
        registered(name).assign(tf.add(registered(name), update));
    });
    this.incrementIterations();
  }

  override dispose(): void {
    this.network.dispose();
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
