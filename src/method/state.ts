import type * as tf from '@tensorflow/tfjs';
import { mapTensors, type NamedTensors } from './named-tensors.js';

/**
 * What one link remembers from update to update: every tensor has a name and a kind. All tensors begin with the replica
 * axis, so that a population is cut down, saved and resumed by treating them alike.
 */
export type LinkState = {
  /** Hyper-parameters, [R], under the names by which they were given; they may be replaced between updates. */
  readonly hyper?: NamedTensors;
  /** Slots: a tensor [R, ...] for every parameter, e.g. Adam's `mean`. */
  readonly slots?: { readonly [slot: string]: NamedTensors };
  /** Any other tensors [R, ...]. */
  readonly tensors?: NamedTensors;
  /** A number of the host for every parameter; follows from the parameters, so it need not be saved. */
  readonly layout?: { readonly [parameter: string]: number };
};

/** The state of a chain, by link. */
export type ChainState = { readonly [link: string]: LinkState };

/**
 * The state with another value of a hyper-parameter, e.g. of a rate that follows a schedule.
 * @param value [R]
 * @throws RangeError if the chain has no such link or hyper-parameter.
 */
export function replaceHyper(state: ChainState, link: string, name: string, value: tf.Tensor): ChainState {
  const hyper = state[link]?.hyper ?? {};
  if (!Object.hasOwn(hyper, name)) {
    const known = Object.entries(state).flatMap(([key, own]) =>
      Object.keys(own.hyper ?? {}).map((other) => `${key}.${other}`),
    );
    throw new RangeError(`The chain has no hyper-parameter ${link}.${name}; it has ${known.join(', ')}.`);
  }
  return { ...state, [link]: { ...state[link], hyper: { ...hyper, [name]: value } } };
}

/** The state with every slot's tensor for one parameter replaced: whatever moments the links keep of it. */
export function mapSlotsOf(
  state: ChainState,
  parameter: string,
  map: (tensor: tf.Tensor) => tf.Tensor,
): ChainState {
  const mapOne = (slot: NamedTensors) => mapTensors(slot, (t, name) => (name === parameter ? map(t) : t));
  const mapLink = ({ slots, ...rest }: LinkState): LinkState =>
    slots ? { ...rest, slots: mapValues(slots, mapOne) } : rest;
  return mapValues(state, mapLink);
}

function mapValues<T>(record: { readonly [key: string]: T }, map: (value: T) => T): { [key: string]: T } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
