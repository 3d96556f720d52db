import * as tf from '@tensorflow/tfjs-core';
import { type AdamOptions, adam } from './adam.js';
import { hyperParameters, notNegative, type PerReplica } from './hyper-parameters.js';
import type { NamedTensors } from './named-tensors.js';
import { type GradientTransformation, transformation } from './transformation.js';
import { addShare, needed } from './weight-decay.js';

/** Hyper-parameters of AdamW: Adam's, and the decay. */
export interface AdamWOptions extends AdamOptions {
  /** Share of the parameters that goes at a rate of 1; default 1e-4. */
  decay?: PerReplica;
}

/**
 * Adam with decoupled weight decay, Loshchilov and Hutter 2019, algorithm 2: update = Adam's - rate * decay * w. As in
 * Optax and PyTorch the decay is multiplied by the rate; its default is Optax's. For decay of some parameters only:
 * `chain(masked(adamw(), /kernel/), masked(adam(), /bias/))`.
 * @throws RangeError or TypeError as {@link adam}, and unless the decay is a finite number of at least 0.
 */
export function adamw({ decay = 1e-4, ...options }: AdamWOptions = {}): GradientTransformation {
  const inner = adam(options);
  const { ranges, init } = hyperParameters('adamw', { decay }, { decay: notNegative });
  return transformation({
    name: 'adamw',
    config: { ...inner.config, name: 'adamw', decay },
    ranges: { ...inner.ranges, ...ranges },
    init(parameters, replicas) {
      const adams = inner.init(parameters, replicas);
      const hyper: NamedTensors = { ...adams.hyper, ...init(replicas) };
      return { ...adams, hyper };
    },
    update(gradients, state, step, parameters) {
      const adams = inner.update(gradients, state, step);
      const factor = tf.neg(tf.mul(state.hyper.rate!, state.hyper.decay!));
      const updates = addShare(adams.updates, factor, needed(parameters, 'adamw'));
      return { ...adams, updates } as { updates: NamedTensors; state: typeof state };
    },
  });
}
