import type * as tf from '@tensorflow/tfjs';
import type { Binding, Output } from './binding.js';
import { Constants } from './constants.js';

/** The part of TensorFlow.js's Node backend that is used here. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: Binding;
  readonly tensorMap: { get(dataId: object): Stored };
  /** TensorFlow's number of a type. */
  getDTypeInteger(dtype: tf.DataType): number;
  getInputTensorIds(inputs: readonly tf.TensorInfo[]): number[];
  createOutputTensor(output: Output): tf.Tensor;
}

interface Stored {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** Set until the tensor is first used by an operation, which uploads it. */
  values: tf.TypedArray | null;
  /** The binding's number of it from then on. */
  id: number;
}

/** Lists of whole numbers up to this length are kept: those of programs, and not batches. */
const LONGEST_CONSTANT = 4;

type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend;

export interface GnoiseBackend extends NodeBackend {
  readonly constants: Constants;
}

/**
 * TensorFlow.js's Node backend, except that scalars made from numbers (`x.mul(2)`) and short lists of whole numbers are uploaded
 * once for all, and that tensors with one number everywhere, as the gradient of every sum needs, are made on the device: on a
 * GPU every upload makes it wait.
 */
export function withConstants(
  Backend: NodeBackendClass,
): new (
  binding: Binding,
  packageName: string,
) => GnoiseBackend {
  return class extends Backend {
    readonly constants: Constants;

    constructor(binding: Binding, packageName: string) {
      super(binding, packageName);
      this.constants = new Constants(binding);
    }

    override getInputTensorIds(inputs: readonly tf.TensorInfo[]): number[] {
      return inputs.map(
        (input) => this.constantId(input) ?? this.filled(input) ?? super.getInputTensorIds([input])[0]!,
      );
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
