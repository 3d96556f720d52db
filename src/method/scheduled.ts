import * as tf from '@tensorflow/tfjs-core';
import { whole } from './config.js';
import { type NamedTensors, nested, unnested } from './named-tensors.js';
import { checkSchedule, type Schedule } from './rate-schedules.js';
import type { LinkState } from './state.js';
import { type GradientTransformation, transformation } from './transformation.js';

/** Schedules by the hyper-parameters that follow them. */
export type Schedules = { readonly [hyper: string]: Schedule };

/**
 * A transformation some of whose hyper-parameters follow schedules, as with Optax's `inject_hyperparams`:
 *
 *     scheduled(adam(), { rate: cosineDecay({ from: 1e-3, steps: 10_000 }) })
 *
 * The schedules' own numbers are hyper-parameters in their place, such as `rate.from`.
 * @throws RangeError if the transformation has no such hyper-parameter.
 */
export function scheduled(link: GradientTransformation, schedules: Schedules): GradientTransformation {
  const names = Object.keys(schedules);
  for (const name of names) {
    if (link.ranges) checkName(link, name, Object.keys(link.ranges));
    checkSchedule(`scheduled: the schedule of ${name}`, schedules[name]!);
  }
  const hyperAt = (state: LinkState, step: tf.Scalar): NamedTensors => {
    const t = tf.cast(step, 'float32');
    const own = state.hyper ?? {};
    const values = names.map((name) => [name, schedules[name]!.value(t, unnested(name, own))]);
    const hyper = { ...own, ...Object.fromEntries(values) };
    return link.hyperAt?.({ ...state, hyper }, step) ?? hyper;
  };
  return transformation({
    ...link,
    config: whole('scheduled', { link: link.config, schedules: configsOf(schedules) }),
    hyperAt,
    init(parameters, replicas) {
      const { hyper = {}, ...rest } = link.init(parameters, replicas);
      for (const name of names) checkName(link, name, Object.keys(hyper));
      const own = Object.entries(hyper).filter(([name]) => !names.includes(name));
      const theirs = names.map((name) => nested(name, schedules[name]!.init(replicas)));
      return { ...rest, hyper: Object.assign(Object.fromEntries(own), ...theirs) as NamedTensors };
    },
    update(gradients, state: LinkState, step, parameters) {
      const now = { ...state, hyper: hyperAt(state, step) };
      const { updates, state: next = state } = link.update(gradients, now, step, parameters);
      return { updates, state: { ...next, hyper: state.hyper! } };
    },
  });
}

function configsOf(schedules: Schedules) {
  const entries = Object.entries(schedules).map(([name, { config }]) => [name, config] as const);
  return entries.some(([, config]) => !config) ? undefined : Object.fromEntries(entries);
}

function checkName(link: GradientTransformation, name: string, known: readonly string[]): void {
  if (!known.includes(name))
    throw new RangeError(
      `scheduled: ${link.name} has no hyper-parameter ${name}; it has ${known.join(', ')}.`,
    );
}
