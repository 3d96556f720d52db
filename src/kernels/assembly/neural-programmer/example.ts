// A training example in one piece, as src/experiments/table-qa/packing.ts writes it: numbers of a question and its table.

/** Where the fields of an example stand. */
export const enum Field {
  Rows,
  NumericColumns,
  TextColumns,
  IsScalar,
  Scalar,
  LookupColumn,
  /** Two. */
  Numbers,
  NumberCount = 8,
  /** Positions of the words left of the numbers, two; -1 for none. */
  Lefts,
  Start = 11,
  /** Ids of the words at all positions, -1 before a question begins; then what the table holds. */
  Words,
}

/** Places of operations in their distribution, as in src/experiments/table-qa/operations.ts. */
export const enum Operation {
  Sum,
  Count,
  Difference,
  Greater,
  Lesser,
  And,
  Or,
  Assign,
  Reset,
  TextMatch,
}

/** Operations of a model. */
// @ts-ignore: decorator
@inline
export function operationCount(textColumns: i32): i32 {
  return textColumns > 0 ? 10 : 9;
}

export const TEXT_WORDS: i32 = 10;
export const NUMBERS: i32 = 2;

// @ts-ignore: decorator
@inline
export function floats(count: i32): usize {
  return <usize>count << 2;
}

/** Entry `i` of an array. */
// @ts-ignore: decorator
@inline
export function entry(array: usize, i: i32): f32 {
  return load<f32>(array + floats(i));
}

/** A whole number from 0 to below `limit`, or -1 for anything else. */
// @ts-ignore: decorator
@inline
export function index(array: usize, i: i32, limit: i32): i32 {
  const value = entry(array, i);
  return value >= 0 && value < <f32>limit ? min(<i32>value, limit - 1) : -1;
}
