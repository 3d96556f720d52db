import * as tf from '@tensorflow/tfjs';
import { listGradients, type NamedGradients } from './named-gradients.js';
import { addNoise } from './noise.js';
import type { NoiseSchedule } from './schedules.js';

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
  const noise = addNoise(schedule, { seed });
  const apply = optimizer.applyGradients.bind(optimizer);
  let state: tf.Tensor[] | undefined;
  let step = 0;

  optimizer.applyGradients = (gradients: NamedGradients) => {
    const named = listGradients(gradients);
    tf.tidy(() => {
      // One network is a population of one: [...] becomes [1, ...].
      const lifted = named.map(({ tensor }) => tf.expandDims(tensor, 0));
      // Constants of the schedule; they outlive this step and every tidy around it.
      state ??= noise.init(lifted).map((t) => tf.keep(t));
      const { updates } = noise.update(lifted, state, tf.scalar(step, 'int32'));
      apply(named.map(({ name }, i) => ({ name, tensor: tf.squeeze(updates[i]!, [0]) })));
    });
    step += 1;
  };

  const dispose = optimizer.dispose.bind(optimizer);
  optimizer.dispose = () => {
    tf.dispose(state ?? []);
    state = undefined;
    dispose();
  };
  return optimizer;
}
