import * as tf from '@tensorflow/tfjs-core';

/** What a kernel takes by name, what it gives in order, and numbers that are not tensors. */
interface Kernel<Inputs extends Tensors, Outputs extends readonly tf.Tensor[], Attributes = object> {
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly attributes: Attributes;
}

type Tensors = { readonly [name: string]: tf.Tensor };

/**
 * All kernels of this program, by their names in TensorFlow.js's registry; those of src/ops use them. A backend takes part
 * in any of them by registering it. Ops check shapes and types before they run a kernel, so that kernels need not.
 *
 * Tensors are float32 unless it says int32. R is the number of replicas.
 */
export interface Kernels {
  /** Normals [R, size] of `seeds` int32 [R, 2]. */
  StatelessRandomNormalPerReplica: Kernel<{ seeds: tf.Tensor2D }, [tf.Tensor2D], { size: number }>;
  /** Uniforms [R, size] of `seeds` int32 [R, 2]. */
  StatelessRandomUniformPerReplica: Kernel<{ seeds: tf.Tensor2D }, [tf.Tensor2D], { size: number }>;
  /** `x` [R, ...] plus `deviation` [R] times the normals of `seeds` int32 [R, 2] from `offset` on, a multiple of 4. */
  AddStatelessRandomNormalPerReplica: Kernel<
    { x: tf.Tensor; seeds: tf.Tensor2D; deviation: tf.Tensor1D },
    [tf.Tensor],
    { offset: number }
  >;

  /** `x` [R, ...] with entries dropped at the probabilities `rate` [R] by the uniforms of `seeds` int32 [R, 2]. */
  DropoutPerReplica: Kernel<{ x: tf.Tensor; seeds: tf.Tensor2D; rate: tf.Tensor1D }, [tf.Tensor]>;

  /** y [R, B, O] = x w + b, or relu of it; `x` [R or 1, B, I], `w` [R, I, O], `b` [R, O]. */
  DensePerReplica: Kernel<
    { x: tf.Tensor3D; w: tf.Tensor3D; b: tf.Tensor2D },
    [y: tf.Tensor3D],
    { relu: boolean }
  >;
  /** dz [R, B, O], which is `dy` where `y` > 0 and else 0, and its sum over the batch, [R, O]. */
  ReluGradientPerReplica: Kernel<{ dy: tf.Tensor3D; y: tf.Tensor3D }, [dz: tf.Tensor3D, db: tf.Tensor2D]>;
  /** The sum of `dy` [R, B, O] over the batch, [R, O]. */
  BiasGradientPerReplica: Kernel<{ dy: tf.Tensor3D }, [db: tf.Tensor2D]>;

  /** Sums of the squares of `x` [R, ...], and 2^-128 times them, for those that float32 cannot hold: [2, R]. */
  SquaredNormPerReplica: Kernel<{ x: tf.Tensor }, [tf.Tensor2D]>;

  /** `squaredNorm` of all tensors x0, x1, ... [R, ...] together, [1, 2, R], or of each, [tensors, 2, R]. */
  SquaredNormsOfAll: Kernel<Tensors, [tf.Tensor3D], { each: boolean }>;
  /** A step of gradient descent, or of Adam, on many tensors at once; see src/ops/fused-step.ts. */
  NoisyDescent: Kernel<Tensors, tf.Tensor[], { starts: readonly number[] }>;
  NoisyAdam: Kernel<Tensors, tf.Tensor[], { starts: readonly number[] }>;

  /** Activities [R, B, width] of the layers of a stack, from `x` and w0, b0, w1, ...; see src/ops/dense-stack.ts. */
  DenseStack: Kernel<Tensors, tf.Tensor3D[]>;
  /** Gradients of w0, b0, w1, ... from `dy`, `x`, w0, w1, ... and all activities but the last, y0, y1, ... */
  DenseStackGradient: Kernel<Tensors, tf.Tensor[]>;

  /** Embeddings [R, bags, width] of `ids` int32 [R or 1, bags, slots] in `table` [R, words, width]; `weights` [slots, width]. */
  EmbedBagsPerReplica: Kernel<Bags, [tf.Tensor3D]>;
  /** Its gradient with respect to the table, for `dy` [R, bags, width]. */
  EmbedBagsGradientPerReplica: Kernel<Bags & { dy: tf.Tensor3D }, [dTable: tf.Tensor3D]>;
  /** The next hop's query [R, B, width], and the attention [R, B, sentences], of which only filled sentences' is set. */
  MemoryHopPerReplica: Kernel<Hop, [next: tf.Tensor3D, attention: tf.Tensor3D]>;
  /** Gradients with respect to query, input and output, for `dy` [R, B, width] and the attention that the hop gave. */
  MemoryHopGradientPerReplica: Kernel<
    Hop & { dy: tf.Tensor3D; attention: tf.Tensor3D },
    [dQuery: tf.Tensor3D, dInput: tf.Tensor3D, dOutput: tf.Tensor3D]
  >;

  /**
   * What a Neural Programmer selects, and what the gradient needs of how it came about; src/experiments/table-qa/fused.ts tells
   * how selections lie, and packing.ts how examples do.
   */
  ProgramSelections: Kernel<Programmer, [choices: tf.Tensor2D, tape: tf.Tensor2D], ProgrammerAttributes>;
  /** Gradients of the parameters, in their order, without those that are not there. */
  ProgramSelectionsGradient: Kernel<
    Programmer & { dChoices: tf.Tensor2D; choices: tf.Tensor2D; tape: tf.Tensor2D },
    tf.Tensor3D[],
    ProgrammerAttributes & { learnable: boolean }
  >;
  /** Mean losses [R] of what is selected, and their gradients [R, choices]; `delta` and `lambda` [R]. */
  ProgramLosses: Kernel<
    { choices: tf.Tensor2D; delta: tf.Tensor1D; lambda: tf.Tensor1D } & Examples,
    [losses: tf.Tensor1D, dChoices: tf.Tensor2D],
    {
      steps: number;
      rows: number;
      numericColumns: number;
      textColumns: number;
      positions: number;
      learnable: boolean;
    }
  >;

  /** Output and new cell, each [..., units], of `gates` [..., 4 units] and `cell` [..., units]; at least 4 units. */
  LstmCell: Kernel<{ gates: tf.Tensor; cell: tf.Tensor }, [output: tf.Tensor, newCell: tf.Tensor]>;
  /** Gradients with respect to gates and cell. */
  LstmCellGradient: Kernel<
    { gates: tf.Tensor; cell: tf.Tensor; dOutput: tf.Tensor; dNewCell: tf.Tensor },
    [dGates: tf.Tensor, dCell: tf.Tensor]
  >;

  /** The next state [R, n, B, C], the gates [R, n B, 2 C] and the candidate [R, n B, C]; see src/ops/convolutional-gru.ts. */
  ConvolutionalGru: Kernel<
    { state: tf.Tensor4D; kernels: tf.Tensor3D; biases: tf.Tensor2D; hold: tf.Tensor2D },
    [next: tf.Tensor4D, opened: tf.Tensor3D, proposal: tf.Tensor3D]
  >;
  /** Gradients of all inputs but `hold`, from what the unit gave and `dy` [R, n, B, C]. */
  ConvolutionalGruGradient: Kernel<
    {
      dy: tf.Tensor4D;
      state: tf.Tensor4D;
      kernels: tf.Tensor3D;
      opened: tf.Tensor3D;
      proposal: tf.Tensor3D;
      hold: tf.Tensor2D;
    },
    [dState: tf.Tensor4D, dKernels: tf.Tensor3D, dBiases: tf.Tensor2D]
  >;

  /** The same with weights as band matrices, see src/ops/band.ts; gates are [R, n, B, 2 C] and the candidate [R, n, B, C]. */
  BandedGru: Kernel<
    {
      state: tf.Tensor4D;
      gates: tf.Tensor3D;
      gateBias: tf.Tensor3D;
      candidate: tf.Tensor3D;
      candidateBias: tf.Tensor3D;
      hold: tf.Tensor2D;
    },
    [next: tf.Tensor4D, opened: tf.Tensor4D, proposal: tf.Tensor4D]
  >;
  /** Gradients of all inputs but `hold`, in their order. */
  BandedGruGradient: Kernel<
    {
      dy: tf.Tensor4D;
      state: tf.Tensor4D;
      gates: tf.Tensor3D;
      candidate: tf.Tensor3D;
      opened: tf.Tensor4D;
      proposal: tf.Tensor4D;
    },
    [
      dState: tf.Tensor4D,
      dGates: tf.Tensor3D,
      dGateBias: tf.Tensor3D,
      dCandidate: tf.Tensor3D,
      dCandidateBias: tf.Tensor3D,
    ]
  >;

  /** Spreads [R] of `sets` [R, r, size]; see src/experiments/neural-gpu/relaxation.ts. */
  SetSpread: Kernel<{ sets: tf.Tensor3D }, [tf.Tensor1D]>;
  /** Its gradient for `dy` [R]. */
  SetSpreadGradient: Kernel<{ dy: tf.Tensor1D; sets: tf.Tensor3D }, [dSets: tf.Tensor3D]>;

  /** Sums of columns of `x` [N, size], those of each row of `indices` int32 [count, group], [N, count]; `size` is a zero. */
  PickAndSum: Kernel<{ x: tf.Tensor2D; indices: tf.Tensor2D }, [tf.Tensor2D]>;

  /** A time step of experiments/kth-element/machine.ts. */
  RandomAccessMachineStep: Kernel<Machine, Step, MachineAttributes>;
  /** Gradients with respect to logits, registers and memory. */
  RandomAccessMachineStepGradient: Kernel<
    Machine & {
      dRegisters: tf.Tensor3D;
      dMemory: tf.Tensor3D;
      dEntropy: tf.Tensor1D;
      dZeros: tf.Tensor2D;
      dLikelihood: tf.Tensor1D;
    },
    [dLogits: tf.Tensor2D, dRegisters: tf.Tensor3D, dMemory: tf.Tensor3D],
    MachineAttributes
  >;
}

type Bags = { table: tf.Tensor3D; ids: tf.Tensor3D; weights: tf.Tensor2D };

/** Tables [R, words, width], `query` [R, B, width], `ids` int32 [R or 1, B, sentences, slots], `weights` [slots, width], `linear` [R]. */
type Hop = {
  query: tf.Tensor3D;
  input: tf.Tensor3D;
  output: tf.Tensor3D;
  ids: tf.Tensor4D;
  weights: tf.Tensor2D;
  linear: tf.Tensor1D;
};

/** `logits` [N, all], `registers` [N, registers, M], `memory` [N, M, M], `targets` int32 [N, M], `limits` [N, 1, 1]. */
type Machine = {
  logits: tf.Tensor2D;
  registers: tf.Tensor3D;
  memory: tf.Tensor3D;
  targets: tf.Tensor2D;
  limits: tf.Tensor3D;
};

type Step = [
  registers: tf.Tensor3D,
  memory: tf.Tensor3D,
  entropy: tf.Tensor1D,
  zeros: tf.Tensor2D,
  likelihood: tf.Tensor1D,
];

type MachineAttributes = { repetitions: number; epsilon: number };

/** `words` [R, words, units], and matrices [R, inputs, outputs]; the backward direction can be missing. */
export type ProgrammerParameters = {
  words: tf.Tensor3D;
  forwardInput: tf.Tensor3D;
  forwardRecurrent: tf.Tensor3D;
  backwardInput?: tf.Tensor3D;
  backwardRecurrent?: tf.Tensor3D;
  operations: tf.Tensor3D;
  selectorQuestion: tf.Tensor3D;
  selectorHistory: tf.Tensor3D;
  historyOperation: tf.Tensor3D;
  historyColumn: tf.Tensor3D;
  historyRecurrent: tf.Tensor3D;
};

/** `examples` [G, B, floats of an example], and which of the G lists each replica has, int32 [R]. */
type Examples = { examples: tf.Tensor3D; lists: tf.Tensor1D };

type Programmer = ProgrammerParameters & Examples;

/** `firstColumn` is the id of the first column's name. */
type ProgrammerAttributes = { steps: number; columns: number; positions: number; firstColumn: number };

export type KernelName = keyof Kernels;
export type Inputs<K extends KernelName> = Kernels[K]['inputs'];
export type Outputs<K extends KernelName> = Kernels[K]['outputs'];
export type Attributes<K extends KernelName> = Kernels[K]['attributes'];

/** Whether the current backend has the kernel. */
export function hasKernel(name: KernelName): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs a kernel of the current backend. @throws Error when it has none of that name. */
export function runKernel<K extends KernelName>(
  name: K,
  inputs: Inputs<K>,
  ...[attributes]: object extends Attributes<K> ? [] : [Attributes<K>]
): Outputs<K> {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as unknown as Outputs<K>;
}

/** What TensorFlow.js hands to a kernel: tensors without methods, and the backend that has their numbers. */
export interface KernelArguments<K extends KernelName, Backend = unknown> {
  readonly inputs: { readonly [N in keyof Inputs<K>]: Info<Inputs<K>[N]> };
  readonly attrs: Attributes<K>;
  readonly backend: Backend;
}

type Info<T> = T extends tf.Tensor ? Pick<T, 'dataId' | 'shape' | 'dtype'> : never;

/** Makes a backend take part in a kernel, or with another implementation than before. */
export function registerKernel<K extends KernelName, Backend>(
  backendName: string,
  name: K,
  kernel: (args: KernelArguments<K, Backend>) => tf.TensorInfo[],
): void {
  put(backendName, name, kernel as unknown as tf.KernelFunc);
}

/** What TensorFlow.js hands to a kernel of its own. */
export interface StockArguments<Backend = unknown> {
  readonly inputs: { readonly [name: string]: tf.TensorInfo };
  readonly attrs: { readonly [name: string]: unknown };
  readonly backend: Backend;
}

export type StockKernel<Backend = unknown> = (
  args: StockArguments<Backend>,
) => tf.TensorInfo | tf.TensorInfo[];

/**
 * Puts another implementation in the place of one of TensorFlow.js's own kernels.
 * @param make gets the one that was there, to fall back to.
 */
export function replaceKernel<Backend>(
  backendName: string,
  name: string,
  make: (stock: StockKernel<Backend>) => StockKernel<Backend>,
): void {
  const stock = tf.getKernel(name, backendName)?.kernelFunc;
  if (!stock) throw new Error(`The backend ${backendName} has no kernel ${name} to replace.`);
  put(backendName, name, make(stock as unknown as StockKernel<Backend>) as unknown as tf.KernelFunc);
}

function put(backendName: string, kernelName: string, kernelFunc: tf.KernelFunc): void {
  // TensorFlow.js warns of a kernel that is there already.
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ kernelName, backendName, kernelFunc });
}
