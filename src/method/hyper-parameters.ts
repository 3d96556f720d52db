import * as tf from '@tensorflow/tfjs-core';

/** A hyper-parameter: one number for all replicas, or one for each. */
export type PerReplica = number | readonly number[];

/** Which numbers an argument may be. */
export interface Range {
  /** As in "it must be ...". */
  readonly words: string;
  /** Whether `x` is one of them. */
  contains(x: number): boolean;
}

export const notNegative: Range = {
  words: 'a finite number of at least 0',
  contains: (x) => x >= 0 && x < Infinity,
};
export const positive: Range = {
  words: 'a finite number above 0',
  contains: (x) => x > 0 && x < Infinity,
};
/** Of the old value in a running mean: at 1 nothing new would come in. */
export const share: Range = {
  words: 'a number from 0 to below 1',
  contains: (x) => x >= 0 && x < 1,
};
/** `Infinity` lets everything pass. */
export const limit: Range = {
  words: 'a number of at least 0, or Infinity',
  contains: (x) => x >= 0,
};
export const wholeBelow = (end: number): Range => ({
  words: `a whole number from 0 to ${end - 1}`,
  contains: (x) => Number.isInteger(x) && x >= 0 && x < end,
});

/**
 * Checks an argument where it is given, long before the first step needs it.
 * @param what its name, after that of the function that takes it: `adam: rate`.
 * @throws TypeError if it is neither a number nor a list of numbers, RangeError if one is not in the range.
 */
export function checkArgument(what: string, value: PerReplica, { words, contains }: Range): void {
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [value];
  const wrong = numbers.findIndex((x) => typeof x !== 'number' || !contains(x));
  if (wrong < 0) return;
  const place = Array.isArray(value) ? ` for replica ${wrong}` : '';
  const complaint = `${what} must be ${words}; it is ${String(numbers[wrong])}${place}.`;
  throw typeof numbers[wrong] === 'number' ? new RangeError(complaint) : new TypeError(complaint);
}

/** Numbers that have been checked, and become tensors once the number of replicas is known. */
export interface HyperParameters<Name extends string> {
  readonly ranges: { readonly [N in Name]: Range };
  /** Each [R], under its name. @throws RangeError if a list has another length than R. */
  init(replicas: number): { readonly [N in Name]: tf.Tensor1D };
}

/**
 * The hyper-parameters of a link or a schedule.
 * @param owner whose they are, for messages.
 * @throws as {@link checkArgument}.
 */
export function hyperParameters<Name extends string>(
  owner: string,
  values: { readonly [N in Name]: PerReplica },
  ranges: { readonly [N in Name]: Range },
): HyperParameters<Name> {
  const entries = Object.entries<PerReplica>(values) as [Name, PerReplica][];
  for (const [name, value] of entries) checkArgument(`${owner}: ${name}`, value, ranges[name]);
  return {
    ranges,
    init: (replicas) =>
      Object.fromEntries(
        entries.map(([name, value]) => [name, toReplicas(`${owner}: ${name}`, value, replicas)]),
      ) as { [N in Name]: tf.Tensor1D },
  };
}

function toReplicas(what: string, value: PerReplica, replicas: number): tf.Tensor1D {
  const list = typeof value === 'number' ? new Array<number>(replicas).fill(value) : [...value];
  if (list.length === replicas) return tf.tensor1d(list);
  throw new RangeError(
    `${what} has ${list.length} values for ${replicas} replicas; give one number or one each.`,
  );
}
