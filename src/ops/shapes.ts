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
  const patterns = Object.entries<string>(shapes).map(([name, text]) => ({
    name: name as Name,
    ...parse(text),
  }));
  const open = patterns.filter(({ before }) => before !== null);
  return (tensors, known = {}) => {
    const sizes: Sizes = { ...known };
    for (const pattern of patterns) learn(pattern, tensors[pattern.name].shape, sizes);
    for (const pattern of patterns) if (!fits(pattern, tensors[pattern.name], sizes)) throw complaint();
    for (const pattern of open.slice(1))
      if (restOf(pattern, tensors[pattern.name].shape) !== restOf(open[0]!, tensors[open[0]!.name].shape))
        throw complaint();

    function complaint(): RangeError {
      const needed = patterns.map(({ name, dtype, words }) => `${name} ${describe(dtype, words)}`);
      const got = patterns.map(({ name }) => `${name} ${describe(tensors[name].dtype, tensors[name].shape)}`);
      const given = Object.entries(known).map(([size, value]) => `${size} = ${value}`);
      const where = given.length > 0 ? `, where ${given.join(', ')}` : '';
      return new RangeError(`${op} needs ${needed.join(', ')}${where}; it got ${got.join(', ')}.`);
    }
  };
}

type Sizes = { [name: string]: number };

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
  const all = text.split(' ');
  const dtype = all[0] === 'int32' ? 'int32' : 'float32';
  const words = all[0] === 'int32' ? all.slice(1) : all;
  const axes = words.filter((word) => word !== REST).map(parseAxis);
  return { dtype, words, axes, before: words.includes(REST) ? words.indexOf(REST) : null };
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

/** Notes the sizes that a shape gives away and that are not known yet. */
function learn(pattern: Pattern, shape: readonly number[], sizes: Sizes): void {
  for (let i = 0; i < pattern.axes.length; i++) {
    const { name, times, shared } = pattern.axes[i]!;
    if (name && times === 1 && !shared) sizes[name] ??= shape[placeOf(i, pattern, shape.length)]!;
  }
}

/** Whether a tensor is as its pattern says, whatever stands for `...`. */
function fits(pattern: Pattern, { dtype, shape }: tf.Tensor, sizes: Sizes): boolean {
  const { axes, before } = pattern;
  if (dtype !== pattern.dtype) return false;
  if (before === null ? shape.length !== axes.length : shape.length < axes.length) return false;
  for (let i = 0; i < axes.length; i++) {
    const { name, times, shared } = axes[i]!;
    const size = shape[placeOf(i, pattern, shape.length)];
    if (size !== (name ? times * sizes[name]! : times) && !(shared && size === 1)) return false;
  }
  return true;
}

function describe(dtype: tf.DataType, shape: readonly (string | number)[]): string {
  return `${dtype === 'float32' ? '' : `${dtype} `}[${shape.join(', ')}]`;
}
