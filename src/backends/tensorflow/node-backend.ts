import type * as tf from '@tensorflow/tfjs';
import type { Binding, Output } from './binding.js';
import { Constants } from './constants.js';
import { type Trace, traced } from './recording/trace.js';

/** The part of TensorFlow.js's Node backend that is used here. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: { get(dataId: object): Stored };
  /** TensorFlow's number of a type. */
  getDTypeInteger(dtype: tf.DataType): number;
  getInputTensorIds(inputs: readonly tf.TensorInfo[]): number[];
  createOutputTensor(output: Output): tf.Tensor;
  readSync(dataId: object): tf.backend_util.BackendValues;
  move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void;
}

/** A tensor's numbers. */
export interface Stored {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** Set until the tensor is first used by an operation, which uploads it. */
  values: tf.TypedArray | null;
  /** The binding's number of it from then on. */
  id: number;
  /** How many tensors of TensorFlow.js share it. */
  readonly refCount: number;
}

/** Lists of whole numbers up to this length are kept: those of programs, and not batches. */
const LONGEST_CONSTANT = 4;

type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend;

export interface GnoiseBackend extends NodeBackend {
  readonly constants: Constants;
  /** Is told what is done, while a program is recorded. */
  trace: Trace | null;
}

/**
 * TensorFlow.js's Node backend, except that scalars made from numbers (`x.mul(2)`) and short lists of whole numbers are uploaded
 * once for all, that tensors with one number everywhere, as the gradient of every sum needs, are made on the device (on a
 * GPU every upload makes it wait), and that it tells what it does to who wants to repeat it.
 */
export function gnoiseBackend(
  Backend: NodeBackendClass,
): new (
  binding: Binding,
  packageName: string,
) => GnoiseBackend {
  return class extends Backend {
    readonly constants: Constants;
    trace: Trace | null = null;

    constructor(binding: Binding, packageName: string) {
      super(
        traced(binding, () => this.trace),
        packageName,
      );
      this.constants = new Constants(binding);
    }

    override getInputTensorIds(inputs: readonly tf.TensorInfo[]): number[] {
      return inputs.map((input) => this.tracedId(input) ?? this.id(input));
    }

    override move(...given: Parameters<NodeBackend['move']>): void {
      super.move(...given);
      this.trace?.make(given[0]);
    }

    override readSync(dataId: object): tf.backend_util.BackendValues {
      this.trace?.interrupt();
      return super.readSync(dataId);
    }

    private id(input: tf.TensorInfo): number {
      return this.constantId(input) ?? this.filled(input) ?? super.getInputTensorIds([input])[0]!;
    }

    /** Tells a program that is recorded from what it takes: numbers of its own stay as they are, those from outside do not. */
    private tracedId(input: tf.TensorInfo): number | undefined {
      const { trace } = this;
      if (!trace || input.dataId === undefined) return undefined;
      const { dtype, shape, values } = this.tensorMap.get(input.dataId);
      if (trace.hasMade(input.dataId)) {
        const id = this.id(input);
        if (values) trace.constant(id, { dtype, shape, values });
        return id;
      }
      const [id] = super.getInputTensorIds([input]);
      trace.argument(id!, input.dataId, dtype);
      return id;
    }

    /** Of float32 tensors with one number everywhere. */
    private filled({ dataId, shape, dtype }: tf.TensorInfo): number | undefined {
      if (shape.length === 0 || dtype !== 'float32') return undefined;
      const stored = this.tensorMap.get(dataId);
      const { values } = stored;
      if (!values || values.length === 0 || !isUniform(values)) return undefined;
      const dims = this.constants.integers(stored.shape).id;
      const number = this.constants.scalar(stored.dtype, values.subarray(0, 1));
      stored.id = this.binding.executeOp('Fill', [], [dims, number], 1)[0]!.id;
      stored.values = null;
      return stored.id;
    }

    /** Leaves the tensor's own values where they are, so that disposing of it does not delete the constant. */
    private constantId({ dataId, shape, dtype }: tf.TensorInfo): number | undefined {
      if (shape.length > 1 || (dtype !== 'float32' && dtype !== 'int32')) return undefined;
      // 64-bit scalars are not tensors and have no data.
      if (dataId === undefined) return undefined;
      const { values, dtype: number, shape: stored } = this.tensorMap.get(dataId);
      if (!values || stored.length !== shape.length) return undefined;
      if (shape.length === 0) return this.constants.scalar(number, values);
      const isShort = dtype === 'int32' && values.length <= LONGEST_CONSTANT;
      return isShort ? this.constants.integers([...values]).id : undefined;
    }
  };
}

/** Whether all numbers are the same one; -0 is not 0. */
function isUniform(values: tf.TypedArray): boolean {
  const [first] = values;
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false;
  return true;
}
