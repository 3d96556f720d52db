/**
 * The operations in the order of their vectors. Those that select rows by single columns stand together, and so do the
 * two logic ones, so that their weights are slices of the softmax. [NP table 1]
 */
export const OPERATIONS = [
  'sum',
  'count',
  'difference',
  'greater',
  'lesser',
  'and',
  'or',
  'assign',
  'reset',
  // Only where there are text columns. [NP section 2.3.1]
  'text match',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

export const GREATER = OPERATIONS.indexOf('greater');

/** How many operations a model has. */
export function operationCount({ textColumns }: { textColumns: number }): number {
  return textColumns > 0 ? OPERATIONS.length : OPERATIONS.length - 1;
}
