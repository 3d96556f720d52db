import { UserError } from '../errors.js';
import { suggest } from '../suggest.js';
import type { DataSet } from './archive.js';
import { babi } from './babi/data-set.js';
import { mnist } from './mnist.js';

/** Every published data set that gnoise can fetch and verify. */
export const dataSets: readonly DataSet[] = [mnist, babi];

/**
 * The data set called `name`.
 * @throws UserError when there is none, with the name that was probably meant.
 */
export function dataSetNamed(name: string): DataSet {
  const found = dataSets.find((dataSet) => dataSet.name === name);
  if (found) return found;
  const names = dataSets.map((dataSet) => dataSet.name);
  const nearest = suggest(name, names);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  throw new UserError(`There is no data set called '${name}'.${hint} Known: ${names.join(', ')}.`);
}

/**
 * The data set called `name`, or all of them where no name is given.
 * @throws UserError when there is none of this name, with the nearest.
 */
export function dataSetsNamed(name: string | undefined): readonly DataSet[] {
  return name === undefined ? dataSets : [dataSetNamed(name)];
}
