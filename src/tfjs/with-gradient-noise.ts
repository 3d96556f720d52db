import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../method/config.js';
import { checkArgument, wholeBelow } from '../method/hyper-parameters.js';
import { addNoise } from '../method/noise.js';
import type { NoiseSchedule } from '../method/schedules.js';
import type { GradientTransformation } from '../method/transformation.js';
import { STEP_LIMIT } from '../random/streams.js';
import { configOf, make } from './configs.js';
import { networks } from './inject.js';
import { listGradients, presentGradients } from './named-gradients.js';
import { OURS, SingleNetwork, type Weight } from './single-network.js';

/** Which draws the noise has, and where it starts. */
export interface GradientNoiseOptions {
  /** A whole number from 0 to 2^28 - 1; left out, one of its own: see {@link addNoise}. */
  seed?: number;
  /** Number of the first update; default: as many as the optimiser has done, so that a resumed run goes on. */
  step?: number;
}

/**
 * Puts gradient noise into any TensorFlow.js optimiser, in one line:
 *
 *     model.compile({ optimizer: withGradientNoise(tf.train.adam(1e-3), annealed({ eta: 0.3 })), loss });
 *
 * Every gradient that reaches the optimiser first gets its own Gaussian draws; `minimize`, `applyGradients`,
 * `model.fit` and custom loops all pass through it. Updates are counted once per `applyGradients`. Clip before the noise, if
 * at all: see {@link clipByGlobalNorm}.
 *
 * A model that is saved with this optimiser (`includeOptimizer: true`) comes back with the noise, its draws and its count of
 * updates, wherever this library has been imported.
 *
 * @returns the same optimiser, changed in place, so that its learning rate and state stay what they were.
 * @throws TypeError or RangeError if an argument cannot be, Error if the optimiser already has gradient noise; it is then as
 *   it was.
 */
export function withGradientNoise<O extends tf.Optimizer>(
  optimizer: O,
  schedule: NoiseSchedule,
  { seed, step }: GradientNoiseOptions = {},
): O {
  if (typeof optimizer?.applyGradients !== 'function')
    throw new TypeError(
      'withGradientNoise: the optimiser must be one of TensorFlow.js, such as tf.train.adam().',
    );
  if (noisy.has(optimizer)) throw new Error('This optimiser already has gradient noise; add it once.');
  const start = step ?? optimizer.iterations;
  checkArgument('withGradientNoise: step', start, wholeBelow(STEP_LIMIT));
  return install(optimizer, addNoise(schedule, { seed }), start);
}

const noisy = new WeakSet<tf.Optimizer>();

/** Puts the link between the optimiser's methods and whoever calls them. */
function install<O extends tf.Optimizer>(optimizer: O, link: GradientTransformation, start: number): O {
  const network = new SingleNetwork(link);
  const own = boundMethods(optimizer);
  let step = start;
  const methods: Methods = {
    applyGradients(gradients) {
      const list = listGradients(gradients);
      tf.tidy(() => {
        const present = presentGradients(list);
        // Noise asks of a parameter its shape only, and the gradient has the same.
        const withNoise = network.update(present, present, step);
        // In the order given, gaps included: the optimisers of TensorFlow.js count variables by position.
        own.applyGradients(
          list.map(({ name, tensor }) => ({ name, tensor: withNoise[name] ?? tensor })) as Weight[],
        );
      });
      step += 1;
    },
    getClassName: () => NoisyOptimizer.className,
    getConfig() {
      const inner = { className: own.getClassName(), config: own.getConfig() };
      return {
        optimizer: inner,
        noise: configOf(link, 'The noise'),
        step: start,
      } as tf.serialization.ConfigDict;
    },
    getWeights: async () => [...(await own.getWeights()), ...network.save(step)],
    async setWeights(weights) {
      const ours = weights.filter(({ name }) => name.startsWith(OURS));
      await own.setWeights(weights.filter(({ name }) => !name.startsWith(OURS)));
      step = ours.length > 0 ? await network.restore(ours) : optimizer.iterations;
    },
    dispose() {
      network.dispose();
      own.dispose();
    },
  };
  noisy.add(optimizer);
  networks.set(optimizer, network);
  return Object.assign(optimizer, methods);
}

type Methods = Pick<
  tf.Optimizer,
  'applyGradients' | 'getClassName' | 'getConfig' | 'getWeights' | 'setWeights' | 'dispose'
>;

function boundMethods(optimizer: tf.Optimizer): Methods {
  return {
    applyGradients: optimizer.applyGradients.bind(optimizer),
    getClassName: optimizer.getClassName.bind(optimizer),
    getConfig: optimizer.getConfig.bind(optimizer),
    getWeights: optimizer.getWeights.bind(optimizer),
    setWeights: optimizer.setWeights.bind(optimizer),
    dispose: optimizer.dispose.bind(optimizer),
  };
}

interface NoisyConfig {
  readonly optimizer: { readonly className: string; readonly config: tf.serialization.ConfigDict };
  readonly noise: Config;
  readonly step: number;
}

/** How TensorFlow.js finds back to a noisy optimiser in a saved model. There are no instances: it makes the inner one noisy. */
abstract class NoisyOptimizer extends tf.Optimizer {
  static className = 'NoisyOptimizer';

  static override fromConfig<T extends tf.serialization.Serializable>(
    _class: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { optimizer, noise, step } = config as unknown as NoisyConfig;
    return install(optimizerFrom(optimizer), make(noise), step) as unknown as T;
  }
}

tf.serialization.registerClass(
  NoisyOptimizer as unknown as tf.serialization.SerializableConstructor<tf.Optimizer>,
);

function optimizerFrom({ className, config }: NoisyConfig['optimizer']): tf.Optimizer {
  const found = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (!found)
    throw new Error(
      `There is no optimiser ${className}: call tf.serialization.registerClass before loading.`,
    );
  const [inner, fromConfig] = found;
  return fromConfig(inner, config) as tf.Optimizer;
}
