import * as tf from '@tensorflow/tfjs';
import { replaceKernel, type StockArguments } from '../../../kernels/registry.js';
import type { GnoiseBackend } from '../node-backend.js';
import { Calls, tensorsOf, type Value } from './calls.js';

/**
 * Puts others in the place of those of TensorFlow.js's own kernels that read back from the device, or that upload constants
 * or take more operations than they must where a training step calls them often.
 */
export function replaceStockKernels(): void {
  for (const [name, { suits = () => true, compute }] of Object.entries(replacements))
    replaceKernel<GnoiseBackend>('tensorflow', name, (stock) => (args) => {
      const { inputs, attrs, backend } = args;
      const x = (inputs.x ?? inputs.input ?? inputs.logits)!;
      if (!suits(x, attrs)) return stock(args);
      const calls = new Calls(backend);
      const given = Object.values(inputs);
      const values = given.map((tensor) => calls.of(tensor));
      const result = calls.tidy(() => compute(calls, values, attrs, x));
      if (Array.isArray(result)) return tensorsOf(backend, result, given, values);
      return tensorsOf(backend, [result], given, values)[0]!;
    });
}

interface Replacement {
  /** What it is for; the rest is left to the stock kernel. */
  suits?(x: tf.TensorInfo, attrs: Attributes): boolean;
  compute(calls: Calls, inputs: Value[], attrs: Attributes, x: tf.TensorInfo): Value | Value[];
}

type Attributes = StockArguments['attrs'];

const isFloat = ({ dtype }: tf.TensorInfo) => dtype === 'float32';

const replacements: { readonly [name: string]: Replacement } = {
  /**
   * TensorFlow.js's own reads the indices back to check them, which makes the device wait once per batch. TensorFlow checks them
   * on the CPU; on a GPU an index out of range gathers zeros.
   */
  GatherV2: {
    compute: (calls, [x, indices], { axis, batchDims }) =>
      calls.gather(x!, indices!, axis as number, batchDims as number),
  },
  /** The derivative of relu: 1 where x > 0, 0 elsewhere, NaN where x is NaN. TensorFlow.js's own takes nine operations. */
  Step: {
    suits: (x, { alpha }) => isFloat(x) && alpha === 0,
    compute: (calls, [x]) => calls.call('Sign', [calls.call('Relu', [x!])]),
  },
  /** TensorFlow.js casts to float32 what is float32, in the gradient of every product. */
  Cast: { suits: ({ dtype }, attrs) => dtype === attrs.dtype, compute: (_calls, [x]) => x! },
  ...Object.fromEntries(['Sum', 'Mean', 'Max', 'Min'].map((name) => [name, reduction(name)])),
  // These only move numbers about, or not even that. They are the most frequent of all, and each takes a shape or the like.
  Reshape: { compute: (calls, [x], { shape }) => calls.reshape(x!, shape as number[]) },
  ExpandDims: {
    compute: (calls, [x], { dim }) => calls.call('ExpandDims', [x!, calls.integers(dim as number)]),
  },
  Tile: { compute: (calls, [x], { reps }) => calls.tile(x!, reps as number[]) },
  Transpose: { compute: (calls, [x], { perm }) => calls.transpose(x!, perm as number[]) },
  Slice: {
    compute(calls, [x], { begin, size }, info) {
      const [from, sizes] = tf.slice_util.parseSliceParams(
        info as tf.Tensor,
        begin as number[],
        size as number[],
      ) as [number[], number[]];
      return calls.slice(x!, from, sizes);
    },
  },
  SplitV: {
    compute(calls, [x], { numOrSizeSplits, axis }, info) {
      const [place] = tf.util.parseAxisParam(axis as number, info.shape) as [number];
      const sizes = tf.backend_util.prepareSplitSize(info, numOrSizeSplits as number | number[], place);
      return calls.split(x!, sizes, place);
    },
  },
  Softmax: { suits: isFloat, compute: (calls, [x]) => calls.softmax(x!) },
  PadV2: {
    suits: (x, { constantValue }) => isFloat(x) && constantValue === 0,
    compute: (calls, [x], { paddings }) => calls.pad(x!, paddings as [number, number][]),
  },
};

function reduction(operation: string): Replacement {
  return {
    suits: isFloat,
    compute(calls, [x], { axis, reductionIndices, keepDims }, { shape }) {
      // Max names its axes differently.
      const axes = tf.util.parseAxisParam((axis ?? reductionIndices) as number | number[], shape);
      return calls.reduce(operation, x!, axes, Boolean(keepDims));
    },
  };
}
