import type * as tf from '@tensorflow/tfjs';
import type { Binding, Output } from './binding.js';

/** A scalar, a vector or a matrix. */
export type Integers = number | readonly number[] | readonly (readonly number[])[];

/** A tensor that is the same in every step. */
export interface Constant {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: tf.TypedArray;
}

/**
 * Small tensors that stay with the library: shapes, axes and scalars, uploaded once and not in every step.
 *
 * Two generations keep them from piling up when they change with every step, e.g. where slices begin: when the younger
 * is full, the older is deleted and the younger takes its place. What an operation has just been given is in the
 * younger one, so it is never deleted under its hands.
 */
export class Constants {
  private young = new Map<string, number>();
  private old = new Map<string, number>();
  private readonly known = new Map<number, Constant>();

  constructor(
    private readonly binding: Binding,
    private readonly capacity = 5000,
  ) {}

  /** An int32 tensor. */
  integers(values: Integers): Output {
    const dtype = this.binding.TF_INT32;
    const shape = shapeOf(values);
    const key = `${shape}:${values}`;
    const id = this.find(key, () => this.upload(shape, Int32Array.from([values].flat(2)), dtype));
    return { id, shape, dtype };
  }

  /** The binding's number of a scalar of one of its types. */
  scalar(dtype: number, values: tf.TypedArray): number {
    // As text, -0 is 0.
    const text = Object.is(values[0], -0) ? '-0' : values[0];
    return this.find(`scalar ${dtype}:${text}`, () => this.upload([], values.slice(), dtype));
  }

  /** What the binding's number stands for, if it is one of these. */
  describe(id: number): Constant | undefined {
    return this.known.get(id);
  }

  private find(key: string, make: () => number): number {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const id = this.old.get(key) ?? make();
    this.old.delete(key);
    if (this.young.size >= this.capacity) this.age();
    this.young.set(key, id);
    return id;
  }

  private age(): void {
    for (const id of this.old.values()) {
      this.binding.deleteTensor(id);
      this.known.delete(id);
    }
    this.old = this.young;
    this.young = new Map();
  }

  private upload(shape: readonly number[], values: tf.TypedArray, dtype: number): number {
    const id = this.binding.createTensor(shape, dtype, values);
    this.known.set(id, { dtype, shape, values });
    return id;
  }
}

function shapeOf(values: Integers): number[] {
  if (typeof values === 'number') return [];
  const [first] = values;
  return typeof first === 'object' ? [values.length, first.length] : [values.length];
}
