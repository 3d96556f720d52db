import * as tf from '@tensorflow/tfjs';
import { replaceKernel, type StockArguments, type StockKernel } from '../../../kernels/registry.js';
import type { Attribute, Binding } from '../binding.js';
import type { GnoiseBackend } from '../node-backend.js';
import { registerDenseStack } from './dense-stack.js';
import { registerFusedSteps } from './fused-step.js';
import { registerMemoryNetwork } from './memory-network.js';
import { registerRandom } from './random.js';

/**
 * Gives the backend `tensorflow` gnoise's kernels, and replaces those of its own that read back from the device, or that upload
 * constants or take many operations where a training step calls them often.
 */
export function registerTensorflowKernels(): void {
  registerRandom();
  registerFusedSteps();
  registerDenseStack();
  registerMemoryNetwork();
  replace('GatherV2', () => gather);
  replace('Step', step);
  for (const name of ['Sum', 'Mean', 'Max', 'Min']) replace(name, (original) => reduce(name, original));
  for (const [name, arrangement] of Object.entries(arrangements))
    replace(name, () => unlessIdle(arrangement.isIdle, arrange(name, arrangement)));
  replace('Cast', (original) => unlessIdle(({ dtype }, x) => dtype === x.dtype, original));
}

type Kernel = StockKernel<GnoiseBackend>;
type Arguments = StockArguments<GnoiseBackend>;

function replace(kernelName: string, make: (original: Kernel) => Kernel): void {
  replaceKernel('tensorflow', kernelName, make);
}

/**
 * TensorFlow.js's own kernel reads the indices back to check them, which makes the device wait once per batch.
 * TensorFlow checks them on the CPU; on a GPU an index out of range gathers zeros.
 */
function gather({ inputs, backend, attrs }: Arguments): tf.TensorInfo {
  const { binding } = backend;
  const x = inputs.x!;
  const indices = inputs.indices!;
  const attributes = [
    integer(binding, 'batch_dims', attrs.batchDims as number),
    type(backend, 'Tparams', x.dtype),
    type(backend, 'Tindices', indices.dtype),
    type(backend, 'Taxis', 'int32'),
  ];
  const ids = [
    ...backend.getInputTensorIds([x, indices]),
    ...backend.constants.integers(attrs.axis as number),
  ];
  return backend.createOutputTensor(binding.executeOp('GatherV2', attributes, ids, 1)[0]!);
}

/**
 * The derivative of relu, which every layer takes in every step: 1 where x > 0, 0 elsewhere, NaN where x is NaN.
 * TensorFlow.js's own kernel takes nine operations for it.
 */
const step =
  (original: Kernel): Kernel =>
  (args) => {
    const { inputs, backend, attrs } = args;
    const x = inputs.x!;
    if (x.dtype !== 'float32' || attrs.alpha !== 0) return original(args);
    const { binding } = backend;
    const float = [type(backend, 'T', 'float32')];
    const positive = binding.executeOp('Relu', float, backend.getInputTensorIds([x]), 1)[0]!;
    const sign = binding.executeOp('Sign', float, [positive.id], 1)[0]!;
    binding.deleteTensor(positive.id);
    return backend.createOutputTensor(sign);
  };

/** A reduction whose axes are a constant made once; TensorFlow.js makes a tensor of them in every call. */
const reduce =
  (operation: string, original: Kernel): Kernel =>
  (args) => {
    const { inputs, backend, attrs } = args;
    const x = inputs.x!;
    if (x.dtype !== 'float32') return original(args);
    const { binding } = backend;
    // Max names its axes differently.
    const axis = (attrs.axis ?? attrs.reductionIndices) as number | number[];
    const axes = backend.constants.integers(tf.util.parseAxisParam(axis, x.shape));
    const attributes = [
      { name: 'keep_dims', type: binding.TF_ATTR_BOOL, value: Boolean(attrs.keepDims) },
      type(backend, 'T', 'float32'),
      type(backend, 'Tidx', 'int32'),
    ];
    const ids = [...backend.getInputTensorIds([x]), ...axes];
    return backend.createOutputTensor(binding.executeOp(operation, attributes, ids, 1)[0]!);
  };

interface Arrangement {
  /** The attribute that gives the type of the constants. */
  readonly numbers: string;
  /** Whether it leaves everything where it is. */
  isIdle(attrs: StockArguments['attrs'], x: tf.TensorInfo): boolean;
  /** What the operation takes beside the tensor. */
  constants(attrs: Record<string, unknown>, x: tf.TensorInfo): (number | number[])[];
}

/** Operations that only move numbers about. They are the most frequent of all, and each takes a shape or the like. */
const arrangements: Record<string, Arrangement> = {
  Reshape: {
    numbers: 'Tshape',
    isIdle: ({ shape }, x) => String(shape) === String(x.shape),
    constants: ({ shape }) => [shape as number[]],
  },
  ExpandDims: { numbers: 'Tdim', isIdle: () => false, constants: ({ dim }) => [dim as number] },
  Tile: {
    numbers: 'Tmultiples',
    isIdle: ({ reps }) => (reps as number[]).every((times) => times === 1),
    constants: ({ reps }) => [reps as number[]],
  },
  Transpose: {
    numbers: 'Tperm',
    isIdle: ({ perm }) => (perm as number[]).every((axis, i) => axis === i),
    constants: ({ perm }) => [perm as number[]],
  },
  Slice: {
    numbers: 'Index',
    isIdle: ({ size }, x) => String(size) === String(x.shape),
    constants: ({ begin, size }, x) =>
      tf.slice_util.parseSliceParams(x as tf.Tensor, begin as number[], size as number[]),
  },
};

const arrange =
  (operation: string, arrangement: Arrangement): Kernel =>
  ({ inputs, backend, attrs }) => {
    const { binding } = backend;
    const x = (inputs.x ?? inputs.input)!;
    const attributes = [type(backend, 'T', x.dtype), type(backend, arrangement.numbers, 'int32')];
    const numbers = backend.constants.integers(...arrangement.constants(attrs, x));
    const ids = [...backend.getInputTensorIds([x]), ...numbers];
    return backend.createOutputTensor(binding.executeOp(operation, attributes, ids, 1)[0]!);
  };

/**
 * Gives the tensor itself where an operation would only copy it. TensorFlow.js asks for that often: the gradient of every sum
 * and product is cast to float32, which it is, and reshaped to the shape that it has.
 */
const unlessIdle =
  (isIdle: Arrangement['isIdle'], kernel: Kernel): Kernel =>
  (args) => {
    const { inputs, backend, attrs } = args;
    const x = (inputs.x ?? inputs.input)!;
    if (!isIdle(attrs, x)) return kernel(args);
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  };

const integer = (binding: Binding, name: string, value: number): Attribute => ({
  name,
  type: binding.TF_ATTR_INT,
  value,
});

const type = (backend: GnoiseBackend, name: string, dtype: tf.DataType): Attribute => ({
  name,
  type: backend.binding.TF_ATTR_TYPE,
  value: backend.getDTypeInteger(dtype),
});
