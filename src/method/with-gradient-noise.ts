import * as tf from '@tensorflow/tfjs';
import { listGradients, type NamedGradients, presentGradients } from './named-gradients.js';
import { addNoise } from './noise.js';
import type { NoiseSchedule } from './schedules.js';
import { SingleNetwork } from './single-network.js';

const noisy = new WeakSet<tf.Optimizer>();

/**
 * Puts gradient noise into any TensorFlow.js optimiser, in one line:
 *
 *     model.compile({ optimizer: withGradientNoise(tf.train.adam(1e-3), annealed({ eta: 0.3 })), loss });
 *
 * Every gradient that reaches the optimiser first gets its own Gaussian draws; `minimize`, `applyGradients`,
 * `model.fit` and custom loops all pass through it. Updates are counted from 0, once per `applyGradients`. Clip before
 * the noise, if at all: see {@link clipByGlobalNorm}.
 *
 * @returns the same optimiser, changed in place, so that its name, learning rate and state stay what they were.
 * @throws Error if the optimiser already has gradient noise.
 */
export function withGradientNoise<O extends tf.Optimizer>(
  optimizer: O,
  schedule: NoiseSchedule,
  { seed = 0 }: { seed?: number } = {},
): O {
  if (noisy.has(optimizer)) throw new Error('This optimiser already has gradient noise; add it once.');
  noisy.add(optimizer);
  const noise = new SingleNetwork(addNoise(schedule, { seed }));
  const apply = optimizer.applyGradients.bind(optimizer);

  optimizer.applyGradients = (gradients: NamedGradients) => {
    const list = listGradients(gradients);
    tf.tidy(() => {
      const present = presentGradients(list);
      // Noise asks of a parameter its shape only, and the gradient has the same.
      const withNoise = noise.update(present, present);
      // In the order given, gaps included: the optimisers of TensorFlow.js count variables by position.
      apply(list.map(({ name, tensor }) => ({ name, tensor: withNoise[name] ?? tensor })));
    });
  };

  const dispose = optimizer.dispose.bind(optimizer);
  optimizer.dispose = () => {
    noise.dispose();
    dispose();
  };
  return optimizer;
}
