import type * as tf from '@tensorflow/tfjs';
import { type Attributes, type Inputs, type KernelName, registerKernel } from '../../../kernels/registry.js';
import type { Attribute, Output } from '../binding.js';
import type { Integers } from '../constants.js';
import type { GnoiseBackend } from '../node-backend.js';

/** A tensor by its number in the binding. */
export type Value = Output;

/**
 * TensorFlow's operations for the kernels of this folder. What a training step costs here is the number of operations it
 * calls, 10 to 20 microseconds each (and a few where it is replayed in one call), more than what small networks compute: so nothing
 * is called that changes no number, such as a reshape to the shape that is there.
 *
 * Results bypass TensorFlow.js's bookkeeping of tensors; `kernel` and `tidy` free what is not returned.
 */
export class Calls {
  /** What is freed in the end. */
  #made: number[] = [];

  constructor(private readonly backend: GnoiseBackend) {}

  /** A tensor of TensorFlow.js. */
  of(tensor: tf.TensorInfo): Value {
    const [id] = this.backend.getInputTensorIds([tensor]);
    return { id: id!, shape: [...tensor.shape], dtype: this.backend.getDTypeInteger(tensor.dtype) };
  }

  /** Runs `compute`, and frees what it has called for but does not return. */
  tidy<T extends Value | Value[]>(compute: () => T): T {
    const outer = this.#made;
    this.#made = [];
    const kept: number[] = [];
    try {
      const result = compute();
      for (const { id } of Array.isArray(result) ? result : [result]) kept.push(id);
      return result;
    } finally {
      for (const id of this.#made)
        if (kept.includes(id)) outer.push(id);
        else this.backend.binding.deleteTensor(id);
      this.#made = outer;
    }
  }

  /** Frees results early. */
  free(...values: readonly Value[]): void {
    const freed = values.map(({ id }) => id).filter((id) => this.#made.includes(id));
    this.#made = this.#made.filter((id) => !freed.includes(id));
    for (const id of freed) this.backend.binding.deleteTensor(id);
  }

  /** The result of an operation; attributes that follow from the inputs' types can be left out. */
  call(operation: string, inputs: readonly Value[], attributes: readonly Attribute[] = []): Value {
    return this.callMany(operation, inputs, attributes, 1)[0]!;
  }

  private callMany(
    operation: string,
    inputs: readonly Value[],
    attributes: readonly Attribute[],
    count: number,
  ): Value[] {
    const outputs = this.backend.binding.executeOp(
      operation,
      attributes,
      inputs.map(({ id }) => id),
      count,
    );
    for (const { id } of outputs) this.#made.push(id);
    return outputs;
  }

  /** int32: a number is a scalar, a list a vector, a list of lists a matrix. */
  integers(values: Integers): Value {
    return this.backend.constants.integers(values);
  }

  /** float32 */
  scalar(value: number): Value {
    const dtype = this.backend.binding.TF_FLOAT;
    return { id: this.backend.constants.scalar(dtype, Float32Array.of(value)), shape: [], dtype };
  }

  // Element by element, smaller shapes broadcast.
  add(a: Value, b: Value): Value {
    return this.call('AddV2', [a, b]);
  }

  sub(a: Value, b: Value): Value {
    return this.call('Sub', [a, b]);
  }

  mul(a: Value, b: Value): Value {
    return this.call('Mul', [a, b]);
  }

  div(a: Value, b: Value): Value {
    return this.call('RealDiv', [a, b]);
  }

  sqrt(x: Value): Value {
    return this.call('Sqrt', [x]);
  }

  square(x: Value): Value {
    return this.call('Square', [x]);
  }

  where(condition: Value, a: Value, b: Value): Value {
    return this.call('SelectV2', [condition, a, b]);
  }

  /** Products of the matrices in the last two axes; those before broadcast. */
  matMul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
    return this.call(
      'BatchMatMulV2',
      [a, b],
      [this.flag('adj_x', transposeA), this.flag('adj_y', transposeB)],
    );
  }

  sum(x: Value, axes: readonly number[], keepDims = false): Value {
    return this.reduce('Sum', x, axes, keepDims);
  }

  reduce(operation: string, x: Value, axes: readonly number[], keepDims: boolean): Value {
    return this.call(operation, [x, this.integers(axes)], [this.flag('keep_dims', keepDims)]);
  }

  /** The sum of tensors of one shape. */
  sumOf(tensors: readonly Value[]): Value {
    return this.call('AddN', tensors, this.listOf(tensors));
  }

  /**
   * Over the last axis. On the processor it is composed: TensorFlow's own takes Eigen alone and oneDNN in a function, which gives
   * other bits, and steps are only replayed where they give the same.
   */
  softmax(x: Value): Value {
    if (this.backend.binding.isUsingGpuDevice()) return this.call('Softmax', [x]);
    const last = [x.shape.length - 1];
    return this.tidy(() => {
      const powers = this.call('Exp', [this.sub(x, this.reduce('Max', x, last, true))]);
      return this.div(powers, this.sum(powers, last, true));
    });
  }

  slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
    if (size.join() === x.shape.join()) return x;
    return this.call('Slice', [x, this.integers(begin), this.integers(size)]);
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return shape.join() === x.shape.join() ? x : this.call('Reshape', [x, this.integers(shape)]);
  }

  tile(x: Value, times: readonly number[]): Value {
    return times.every((n) => n === 1) ? x : this.call('Tile', [x, this.integers(times)]);
  }

  transpose(x: Value, axes: readonly number[]): Value {
    return axes.every((axis, i) => axis === i) ? x : this.call('Transpose', [x, this.integers(axes)]);
  }

  /** @param places how many zeros go before and behind each axis. */
  pad(x: Value, places: readonly (readonly [number, number])[]): Value {
    return this.call('Pad', [x, this.integers(places)]);
  }

  concat(tensors: readonly Value[], axis: number): Value {
    if (tensors.length === 1) return tensors[0]!;
    return this.call('ConcatV2', [...tensors, this.integers(axis)], this.listOf(tensors));
  }

  /** Parts of these sizes along an axis. */
  split(x: Value, sizes: readonly number[], axis: number): Value[] {
    if (sizes.length === 1) return [x];
    const attributes = [this.integer('num_split', sizes.length)];
    return this.callMany('SplitV', [x, this.integers(sizes), this.integers(axis)], attributes, sizes.length);
  }

  /** What `indices` point to along an axis; the first `batchAxes` axes of both belong together. */
  gather(x: Value, indices: Value, axis: number, batchAxes = 0): Value {
    const attributes = [this.integer('batch_dims', batchAxes)];
    return this.call('GatherV2', [x, indices, this.integers(axis)], attributes);
  }

  /** Tensors of one shape along a new first axis. */
  stack(tensors: readonly Value[]): Value {
    return this.call('Pack', tensors, this.listOf(tensors));
  }

  unstack(x: Value): Value[] {
    const [count] = x.shape as [number];
    return this.callMany('Unpack', [x], [this.integer('num', count)], count);
  }

  flag(name: string, value: boolean): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  integer(name: string, value: number | readonly number[]): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  text(name: string, value: string): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  type(name: string, dtype: number): Attribute {
    return { name, type: this.backend.binding.TF_ATTR_TYPE, value: dtype };
  }

  /** Of an operation that takes any number of tensors TensorFlow infers nothing. */
  private listOf(tensors: readonly Value[]): Attribute[] {
    return [this.integer('N', tensors.length), this.type('T', tensors[0]!.dtype)];
  }
}

/** What a kernel takes, by the names that the registry gives it. */
export type Values<K extends KernelName> = { readonly [N in keyof Inputs<K>]: Value };

/** Makes the backend `tensorflow` take part in a kernel, by the operations that `compute` calls. */
export function kernel<K extends KernelName>(
  name: K,
  compute: (calls: Calls, inputs: Values<K>, attributes: Attributes<K>) => Value[],
): void {
  registerKernel<K, GnoiseBackend>('tensorflow', name, ({ inputs, attrs, backend }) => {
    const calls = new Calls(backend);
    const values: { [name: string]: Value } = {};
    for (const [own, tensor] of Object.entries<tf.TensorInfo>(inputs)) values[own] = calls.of(tensor);
    const outputs = calls.tidy(() => compute(calls, values as Values<K>, attrs));
    return tensorsOf(backend, outputs, Object.values(inputs), Object.values(values));
  });
}

/** Results as TensorFlow.js's tensors; what is an input, as it stands, shares its data. */
export function tensorsOf(
  backend: GnoiseBackend,
  outputs: readonly Value[],
  inputs: readonly tf.TensorInfo[],
  values: readonly Value[],
): tf.TensorInfo[] {
  return outputs.map((output) => {
    const input = inputs[values.findIndex(({ id }) => id === output.id)];
    if (!input) return backend.createOutputTensor(output);
    backend.incRef(input.dataId);
    return { dataId: input.dataId, shape: input.shape, dtype: input.dtype };
  });
}

/** Inputs of a kernel that takes any number of tensors: `w0`, `w1`, ... */
export function listed(inputs: { readonly [name: string]: Value }, name: string): Value[] {
  const values: Value[] = [];
  for (let i = 0; inputs[name + i]; i++) values.push(inputs[name + i]!);
  return values;
}
