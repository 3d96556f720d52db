import type * as tf from '@tensorflow/tfjs';

/**
 * Makes the check that every tensor of an op has its type and shape; without it a kernel would read memory that is not the
 * tensor's. Shapes are written as `{ x: 'R|1 B I', gates: '... 4U', seeds: 'int32 R 2' }`: a name is a size that is the
 * same wherever it stands, `4U` four times that, `R|1` that or 1; `...` are any axes, the same wherever they stand.
 * Tensors are float32 unless it says int32.
 * @returns a function of the tensors, and of sizes that are known beforehand. It throws a RangeError that says what is
 *   needed and what it got.
 */
export function shapeCheck<Name extends string>(
  op: string,
  shapes: { readonly [N in Name]: string },
): (tensors: { readonly [N in Name]: tf.Tensor }, known?: { readonly [size: string]: number }) => void {
  const names = Object.keys(shapes) as Name[];
  const patterns = names.map((name) => parse(shapes[name]));
  return (tensors, known = {}) => {
    const sizes = new Map<string, number | string>(Object.entries(known));
    for (const [i, name] of names.entries()) learn(patterns[i]!, tensors[name].shape, sizes);
    if (names.every((name, i) => fits(patterns[i]!, tensors[name], sizes))) return;
    const needed = names.map((name, i) => `${name} ${describe(patterns[i]!.dtype, patterns[i]!.words)}`);
    const got = names.map((name) => `${name} ${describe(tensors[name].dtype, tensors[name].shape)}`);
    const given = Object.entries(known).map(([size, value]) => ` (${size} is ${value})`);
    throw new RangeError(`${op} needs ${needed.join(', ')}${given.join('')}; it got ${got.join(', ')}.`);
  };
}

/** Part of a shape: `times` the size of that name; without a name, just that number. */
interface Axis {
  readonly name: string;
  readonly times: number;
  /** May be 1 instead. */
  readonly shared: boolean;
}

interface Pattern {
  readonly dtype: tf.DataType;
  readonly words: readonly string[];
  readonly axes: readonly Axis[];
  /** How many of the axes stand before `...`, where there is one. */
  readonly before: number | null;
}

const REST = '...';

function parse(text: string): Pattern {
  const [first, ...others] = text.split(' ') as [string, ...string[]];
  const [dtype, words] =
    first === 'int32' ? (['int32', others] as const) : (['float32', [first, ...others]] as const);
  const rest = words.indexOf(REST);
  const axes = words.filter((word) => word !== REST).map(parseAxis);
  return { dtype, words, axes, before: rest < 0 ? null : rest };
}

function parseAxis(word: string): Axis {
  const [, times, name, shared] = /^(\d*)([A-Za-z]*)(\|1)?$/.exec(word)!;
  return { name: name!, times: Number(times || 1), shared: shared !== undefined };
}

/** Where in a shape of that rank an axis stands. */
function placeOf(axis: number, { axes, before }: Pattern, rank: number): number {
  return before === null || axis < before ? axis : rank - axes.length + axis;
}

/** The axes that `...` stands for. */
function restOf({ axes, before }: Pattern, shape: readonly number[]): string {
  return shape.slice(before!, shape.length - axes.length + before!).join();
}

/** Notes the sizes that a shape gives away. */
function learn(pattern: Pattern, shape: readonly number[], sizes: Map<string, number | string>): void {
  for (const [i, { name, times, shared }] of pattern.axes.entries()) {
    const size = shape[placeOf(i, pattern, shape.length)];
    if (name && times === 1 && !shared && size !== undefined && !sizes.has(name)) sizes.set(name, size);
  }
  if (pattern.before !== null && !sizes.has(REST)) sizes.set(REST, restOf(pattern, shape));
}

function fits(
  pattern: Pattern,
  { dtype, shape }: tf.Tensor,
  sizes: ReadonlyMap<string, number | string>,
): boolean {
  const { axes, before } = pattern;
  if (dtype !== pattern.dtype) return false;
  if (before === null ? shape.length !== axes.length : shape.length < axes.length) return false;
  if (before !== null && restOf(pattern, shape) !== sizes.get(REST)) return false;
  return axes.every(({ name, times, shared }, i) => {
    const size = shape[placeOf(i, pattern, shape.length)];
    return size === (name ? times * (sizes.get(name) as number) : times) || (shared && size === 1);
  });
}

function describe(dtype: tf.DataType, shape: readonly (string | number)[]): string {
  return `${dtype === 'float32' ? '' : `${dtype} `}[${shape.join(', ')}]`;
}
