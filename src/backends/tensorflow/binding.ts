import type * as tf from '@tensorflow/tfjs';

/** An attribute of a TensorFlow operation, as the binding takes it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

/** An output of an operation: the number under which the binding keeps it, and TensorFlow's number of its type. */
export interface Output {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The part of the native add-on that is used here. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  isUsingGpuDevice(): boolean;
  createTensor(shape: readonly number[], dtype: number, values: tf.TypedArray): number;
  deleteTensor(id: number): void;
  /** Runs an operation, or a function that was added, now and on the device that TensorFlow chooses. */
  executeOp(
    operation: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): Output[];
}

/** What gnoise's own build of the add-on has besides (functions-source.ts); a stock package's has not. */
export interface Functions {
  /** Definitions of all operations, as a serialised tensorflow.OpList. */
  operationList(): Uint8Array;
  /** Takes a serialised tensorflow.FunctionDef. */
  addFunction(definition: Uint8Array): void;
  removeFunction(name: string): void;
}

export function hasFunctions(binding: Binding): binding is Binding & Functions {
  return 'addFunction' in binding;
}
