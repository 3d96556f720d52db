import { adam } from '../method/adam.js';
import { adamw } from '../method/adamw.js';
import { clipByGlobalNorm, clipByNorm } from '../method/clip.js';
import { clipByValue } from '../method/clip-by-value.js';
import type { Config, Configured, ConfigValue } from '../method/config.js';
import { fromWords, masked } from '../method/masked.js';
import { momentum } from '../method/momentum.js';
import { addNoise } from '../method/noise.js';
import {
  cosineDecay,
  exponentialDecay,
  linear,
  piecewise,
  type Schedule,
  warmup,
} from '../method/rate-schedules.js';
import { rmsprop } from '../method/rmsprop.js';
import { scheduled } from '../method/scheduled.js';
import { annealed, constant, scalable } from '../method/schedules.js';
import { sgd } from '../method/sgd.js';
import { weightDecay } from '../method/weight-decay.js';

/** Makes a link or a schedule from its config, which says whatever arguments it was made from. */
// biome-ignore lint/suspicious/noExplicitAny: each maker knows its own arguments.
type Maker = (config: any) => Configured;

/** Every link and schedule by the name in its config: to add one, add it here. */
const makers = new Map<string, Maker>(
  Object.entries({
    sgd: ({ rate }) => sgd(rate),
    momentum,
    adam,
    adamw,
    rmsprop,
    clipByGlobalNorm: ({ threshold }) => clipByGlobalNorm(threshold),
    clipByNorm: ({ threshold }) => clipByNorm(threshold),
    clipByValue: ({ limit }) => clipByValue(limit),
    weightDecay: ({ decay }) => weightDecay(decay),
    addNoise: ({ schedule, seed }) => addNoise(make(schedule), { seed }),
    masked: ({ link, names }) => masked(make(link), fromWords(names)),
    scheduled: ({ link, schedules }) =>
      scheduled(make(link), mapRecord(schedules as { [hyper: string]: Config }, make<Schedule>)),
    annealed,
    constant: ({ deviation }) => constant(deviation),
    scalable: ({ unscaled }) => scalable(make(unscaled)),
    exponentialDecay,
    cosineDecay,
    linear,
    piecewise,
    warmup: ({ steps, schedule }) => warmup(steps, make(schedule)),
  } satisfies Record<string, Maker>),
);

/**
 * Lets a link or a schedule of your own be loaded with a model whose optimiser has it.
 * @param name that of its `config`.
 * @param make makes it from its `config`.
 */
export function registerMaker(name: string, make: (config: Config) => Configured): void {
  makers.set(name, make);
}

/** @throws Error if no maker has the config's name. */
export function make<T extends Configured>(config: Config): T {
  const maker = makers.get(config.name);
  if (!maker)
    throw new Error(
      `Nothing makes "${config.name}" again: call registerMaker("${config.name}", ...) before loading.`,
    );
  return maker(decoded(config)) as T;
}

/** The config of a link or a schedule in numbers and strings that JSON can hold. @throws Error if it has none. */
export function configOf({ config }: Configured, what: string): Config {
  if (config) return encoded(config) as Config;
  throw new Error(
    `${what} cannot be saved: give it, and the schedule or link in it, a \`config\` that says what it was made from, ` +
      'or save the model without its optimizer.',
  );
}

/** JSON has no infinity. */
const INFINITY = 'Infinity';
const encoded = (value: ConfigValue) => mapLeaves(value, (leaf) => (leaf === Infinity ? INFINITY : leaf));
const decoded = (value: ConfigValue) => mapLeaves(value, (leaf) => (leaf === INFINITY ? Infinity : leaf));

function mapLeaves(value: ConfigValue, map: (leaf: ConfigValue) => ConfigValue): ConfigValue {
  if (typeof value !== 'object') return map(value);
  if (Array.isArray(value)) return value.map((inner) => mapLeaves(inner, map));
  return mapRecord(value as { [key: string]: ConfigValue }, (inner) => mapLeaves(inner, map));
}

function mapRecord<T, U>(record: { readonly [key: string]: T }, map: (value: T) => U): { [key: string]: U } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
