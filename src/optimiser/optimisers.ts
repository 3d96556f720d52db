import { adam } from '../method/adam.js';
import { rmsprop } from '../method/rmsprop.js';
import { sgd } from '../method/sgd.js';
import type { GradientTransformation } from '../method/transformation.js';
import type { TrainSettings } from './settings.js';

type Optimiser = TrainSettings['optimiser'];

/** The rate and an optimiser's own numbers, each with a value for every replica. */
type Numbers<Own extends Optimiser> = {
  readonly [key in 'rate' | Exclude<keyof Own, 'name'>]: readonly number[];
};

/** What each optimiser of a config is in the method: to add one, add it here and to the settings. */
const OPTIMISERS: {
  readonly [Name in Optimiser['name']]: (
    numbers: Numbers<Extract<Optimiser, { name: Name }>>,
  ) => GradientTransformation;
} = {
  sgd: ({ rate }) => sgd(rate),
  adam,
  rmsprop,
};

/**
 * The last link of a population's chain; rate and numbers are per replica.
 * @throws Error if the replicas name different optimisers.
 */
export function optimiserLink(replicas: readonly TrainSettings[]): GradientTransformation {
  const { name } = replicas[0]!.optimiser;
  if (replicas.some(({ optimiser }) => optimiser.name !== name))
    throw new Error('A population mixes optimisers; its structure must not.');
  const numbers = replicas.map(({ rate, optimiser: { name: _, ...own } }) => ({ rate, ...own }));
  const make = OPTIMISERS[name] as (numbers: object) => GradientTransformation;
  return make(transposed(numbers));
}

/** One record of lists from a list of records. */
function transposed(records: readonly { readonly [key: string]: number }[]): { [key: string]: number[] } {
  return Object.fromEntries(
    Object.keys(records[0]!).map((key) => [key, records.map((record) => record[key]!)]),
  );
}
