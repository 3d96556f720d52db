import * as tf from '@tensorflow/tfjs';
import {
  type KernelArguments,
  registerKernel,
  replaceKernel,
  type StockArguments,
  type StockKernel,
} from '../../kernels/registry.js';
import type { Attribute, Binding, Output } from './binding.js';
import type { GnoiseBackend } from './node-backend.js';

/**
 * Adds gnoise's random kernels to the backend `tensorflow`, and replaces those of its kernels that read back from the
 * device, or that upload constants or take many operations where a training step calls them often.
 */
export function registerTensorflowKernels(): void {
  registerKernel('tensorflow', 'StatelessRandomNormalPerReplica', drawing('StatelessRandomNormal'));
  registerKernel('tensorflow', 'StatelessRandomUniformPerReplica', drawing('StatelessRandomUniform'));
  replace('GatherV2', () => gather);
  replace('Step', step);
  for (const name of ['Sum', 'Mean', 'Max', 'Min']) replace(name, (original) => reduce(name, original));
  for (const [name, arrangement] of Object.entries(arrangements))
    replace(name, () => arrange(name, arrangement));
}

type Kernel = StockKernel<GnoiseBackend>;
type Arguments = StockArguments<GnoiseBackend>;
type Drawing = KernelArguments<
  'StatelessRandomNormalPerReplica' | 'StatelessRandomUniformPerReplica',
  GnoiseBackend
>;

function replace(kernelName: string, make: (original: Kernel) => Kernel): void {
  replaceKernel('tensorflow', kernelName, make);
}

const drawing = (operation: string) => (args: Drawing) => [perReplica(args, operation)];

/**
 * TensorFlow's own generator, once per replica, on the device: seeds are taken apart there and the rows put together
 * there. Intermediate results bypass TensorFlow.js's bookkeeping of tensors, which would cost more than the draw.
 * `seeds` int32 [R, 2] -> float32 [R, size].
 */
function perReplica({ inputs, backend, attrs }: Drawing, operation: string): tf.TensorInfo {
  const { binding } = backend;
  const { seeds } = inputs;
  const replicas = seeds.shape[0];
  const [shape] = backend.constants.integers([attrs.size]);
  const drawing = [
    type(backend, 'dtype', 'float32'),
    type(backend, 'T', 'int32'),
    type(backend, 'Tseed', 'int32'),
  ];
  const rows = binding.executeOp(
    'Unpack',
    [type(backend, 'T', 'int32'), integer(binding, 'axis', 0), integer(binding, 'num', replicas)],
    backend.getInputTensorIds([seeds]),
    replicas,
  );
  const draws = rows.map(({ id }) => binding.executeOp(operation, drawing, [shape!, id], 1)[0]!);
  const packing = [
    type(backend, 'T', 'float32'),
    integer(binding, 'axis', 0),
    integer(binding, 'N', replicas),
  ];
  const [packed] = binding.executeOp('Pack', packing, draws.map(idOf), 1);
  for (const { id } of [...rows, ...draws]) binding.deleteTensor(id);
  return backend.createOutputTensor(packed!);
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
  /** What the operation takes beside the tensor. */
  constants(attrs: Record<string, unknown>, x: tf.TensorInfo): (number | number[])[];
}

/** Operations that only move numbers about. They are the most frequent of all, and each takes a shape or the like. */
const arrangements: Record<string, Arrangement> = {
  Reshape: { numbers: 'Tshape', constants: ({ shape }) => [shape as number[]] },
  ExpandDims: { numbers: 'Tdim', constants: ({ dim }) => [dim as number] },
  Tile: { numbers: 'Tmultiples', constants: ({ reps }) => [reps as number[]] },
  Transpose: { numbers: 'Tperm', constants: ({ perm }) => [perm as number[]] },
  Slice: {
    numbers: 'Index',
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

const idOf = ({ id }: Output) => id;

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
