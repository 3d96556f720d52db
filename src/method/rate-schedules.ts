import * as tf from '@tensorflow/tfjs-core';
import { type Configured, whole } from './config.js';
import {
  checkArgument,
  hyperParameters,
  notNegative,
  type PerReplica,
  positive,
} from './hyper-parameters.js';
import { type NamedTensors, nested, unnested } from './named-tensors.js';

/** A hyper-parameter over time, such as a learning rate; for {@link scheduled}. */
export interface Schedule<Hyper extends NamedTensors = NamedTensors> extends Configured {
  /** The schedule's own numbers as tensors [R]. */
  init(replicas: number): Hyper;
  /**
   * The value for each replica, [R].
   * @param step number of the update from 0: float32, a scalar or [R].
   */
  value(step: tf.Tensor, hyper: Hyper): tf.Tensor1D;
}

/**
 * from * factor^(t / steps): multiplied by `factor` in the course of every `steps` updates. [Optax `exponential_decay`]
 * @throws RangeError or TypeError unless `from` is finite and at least 0, `factor` and `steps` above 0.
 */
export function exponentialDecay(numbers: {
  from: PerReplica;
  factor: PerReplica;
  steps: PerReplica;
}): Schedule {
  const { from, factor, steps } = numbers;
  const ranges = { from: notNegative, factor: positive, steps: positive };
  return define({
    config: { name: 'exponentialDecay', from, factor, steps },
    init: hyperParameters('exponentialDecay', { from, factor, steps }, ranges).init,
    value: (step, hyper) => tf.mul(hyper.from, tf.pow(hyper.factor, tf.div(step, hyper.steps))),
  });
}

/**
 * Half a cosine from `from` to `to` in `steps` updates, then `to`: to + (from - to) (1 + cos(pi t / steps)) / 2
 * [Loshchilov and Hutter 2017, equation 5, without restarts; Optax `cosine_decay_schedule`].
 * @throws RangeError or TypeError unless `from` and `to` are finite and at least 0, `steps` above 0.
 */
export function cosineDecay({
  from,
  to = 0,
  steps,
}: {
  from: PerReplica;
  to?: PerReplica;
  steps: PerReplica;
}): Schedule {
  return between('cosineDecay', { from, to, steps }, (progress) =>
    tf.mul(tf.add(tf.cos(tf.mul(progress, Math.PI)), 1), 0.5),
  );
}

/**
 * A straight line from `from` to `to` in `steps` updates, then `to`. [Optax `linear_schedule`]
 * @throws RangeError or TypeError unless `from` and `to` are finite and at least 0, `steps` above 0.
 */
export function linear({
  from,
  to,
  steps,
}: {
  from: PerReplica;
  to: PerReplica;
  steps: PerReplica;
}): Schedule {
  return between('linear', { from, to, steps }, (progress) => tf.sub(1, progress));
}

/**
 * `from`, multiplied at certain updates: `{ from: 0.1, factors: { 1000: 0.1, 2000: 0.5 } }` is 0.1 up to update 999, 0.01
 * from 1000 on, 0.005 from 2000 on. [Optax `piecewise_constant_schedule`]
 * @throws RangeError or TypeError unless all are finite numbers of at least 0.
 */
export function piecewise({
  from,
  factors,
}: {
  from: PerReplica;
  factors: { [step: number]: number };
}): Schedule {
  for (const [step, factor] of Object.entries(factors)) {
    checkArgument(`piecewise: a step of factors`, Number(step), notNegative);
    checkArgument(`piecewise: the factor at ${step}`, factor, notNegative);
  }
  return define({
    config: { name: 'piecewise', from, factors },
    init: hyperParameters('piecewise', { from }, { from: notNegative }).init,
    value: (step, hyper) =>
      Object.entries(factors).reduce((value, [start, factor]) => {
        const begun = tf.greaterEqual(step, Number(start));
        return tf.mul(value, tf.where(begun, factor, 1));
      }, hyper.from),
  });
}

/**
 * Another schedule after a straight line from 0 up to its first value, of `steps` updates; it begins when the line ends.
 * [As Optax's `warmup_cosine_decay_schedule`, whose `decay_steps` count the line in]
 * @throws RangeError or TypeError unless `steps` is above 0.
 */
export function warmup(steps: PerReplica, schedule: Schedule): Schedule {
  checkSchedule('warmup: schedule', schedule);
  const { init } = hyperParameters('warmup', { steps }, { steps: positive });
  return define({
    config: whole('warmup', { steps, schedule: schedule.config }),
    init: (replicas) => ({ ...init(replicas), ...nested('schedule', schedule.init(replicas)) }),
    value(step, hyper) {
      const since = tf.maximum(tf.sub(step, hyper.steps), 0);
      const value = schedule.value(since, unnested('schedule', hyper));
      return tf.mul(value, tf.minimum(tf.div(step, hyper.steps), 1));
    },
  });
}

/** @throws TypeError if it is none. */
export function checkSchedule(what: string, schedule: Schedule): void {
  if (typeof schedule?.value !== 'function')
    throw new TypeError(`${what} must be one, such as cosineDecay({ from: 1e-3, steps: 10_000 }).`);
}

/** From one number to another in some steps: `left` is the share of the first that is left when a share of them is done. */
function between(
  name: string,
  numbers: { readonly from: PerReplica; readonly to: PerReplica; readonly steps: PerReplica },
  left: (done: tf.Tensor) => tf.Tensor,
): Schedule {
  const ranges = { from: notNegative, to: notNegative, steps: positive };
  return define({
    config: { name, ...numbers },
    init: hyperParameters(name, numbers, ranges).init,
    value(step, { from, to, steps }) {
      const done = tf.minimum(tf.div(step, steps), 1);
      return tf.add(to, tf.mul(tf.sub(from, to), left(done)));
    },
  });
}

/** Checks a schedule against the type of its own numbers, then hides that type. */
function define<Hyper extends NamedTensors>(own: Schedule<Hyper>): Schedule {
  return own;
}
