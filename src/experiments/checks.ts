import type { SettingProblem } from './experiment.js';

type Named = readonly [path: string, value: number];

/** A problem if a setting is not a multiple of another one. */
export function multipleOf([path, value]: Named, [other, unit]: Named): SettingProblem[] {
  return value % unit === 0
    ? []
    : [{ path, message: `must be a multiple of ${other} (${unit}), got ${value}` }];
}

/** A problem if a batch is larger than the training set. */
export function batchWithin(examples: number, batchSize: number): SettingProblem[] {
  const message = `must not exceed the ${examples} training examples, got ${batchSize}`;
  return batchSize <= examples ? [] : [{ path: 'train.batchSize', message }];
}
