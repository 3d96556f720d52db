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
  readonly values: tf.TypedArray | null;
}

type NodeBackendClass = new (binding: Binding, packageName: string) => NodeBackend;

export interface GnoiseBackend extends NodeBackend {
  readonly constants: Constants;
}

/**
 * TensorFlow.js's Node backend, except that scalars made from numbers (`x.mul(2)`) are uploaded once for all: on a GPU
 * every upload makes the device wait.
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
      return inputs.map((input) => this.scalarId(input) ?? super.getInputTensorIds([input])[0]!);
    }

    /** Leaves the tensor's own values where they are, so that disposing of it does not delete the constant. */
    private scalarId({ dataId, shape, dtype }: tf.TensorInfo): number | undefined {
      if (shape.length > 0 || (dtype !== 'float32' && dtype !== 'int32')) return undefined;
      // 64-bit scalars are not tensors and have no data.
      if (dataId === undefined) return undefined;
      const { values, dtype: number, shape: stored } = this.tensorMap.get(dataId);
      return values && stored.length === 0 ? this.constants.scalar(number, values) : undefined;
    }
  };
}
