import { readFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { ADD_STATELESS_NORMAL, STATELESS_NORMAL, STATELESS_UNIFORM } from '../random/kernel-names.js';
import { DENSE, DENSE_MASK, SQUARED_NORM } from './kernel-names.js';
import { planProduct } from './matrix-shapes.js';
import { type ConvolutionalGruModule, registerConvolutionalGru } from './wasm-convolutional-gru.js';
import { type CopyModule, registerCopies } from './wasm-copies.js';
import { registerGather } from './wasm-gather.js';
import { type KernelArguments, WasmHeap } from './wasm-heap.js';
import { type LstmModule, registerLstmCell } from './wasm-lstm-cell.js';
import { type MemoryNetworkModule, registerMemoryNetwork } from './wasm-memory-network.js';
import { type MachineModule, registerMachine } from './wasm-random-access-machine.js';

/** What src/kernels/assembly exports. Arguments are addresses, counts and flags. */
interface Module extends CopyModule, ConvolutionalGruModule, MemoryNetworkModule, LstmModule, MachineModule {
  readonly WORKSPACE_BYTES: { readonly value: number };
  fillWorkspace(address: number): void;
  statelessNormals(out: number, seeds: number, replicas: number, size: number, workspace: number): void;
  statelessUniforms(out: number, seeds: number, replicas: number, size: number, workspace: number): void;
  addStatelessNormals(
    out: number,
    x: number,
    seeds: number,
    deviations: number,
    replicas: number,
    size: number,
    firstBlock: number,
    workspace: number,
  ): void;
  matrixProducts(
    out: number,
    a: number,
    b: number,
    bias: number,
    panel: number,
    m: number,
    k: number,
    n: number,
    aRow: number,
    aColumn: number,
    bRow: number,
    bColumn: number,
    relu: number,
    count: number,
    aStep: number,
    bStep: number,
  ): void;
  maskAndSum(
    dz: number,
    db: number,
    dy: number,
    y: number,
    replicas: number,
    rows: number,
    columns: number,
  ): void;
  squaredNorms(out: number, x: number, replicas: number, size: number): void;
}

// The compiler's `es2023` library leaves WebAssembly to the `dom` one, which does not belong in a program for Node.
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: object } }>;
};

/** From src/kernels as from dist/kernels, where the compiler leaves it. */
const MODULE = new URL('../../dist/kernels/gnoise.wasm', import.meta.url);
const FLOAT = Float32Array.BYTES_PER_ELEMENT;

let registered: tf.KernelBackend | undefined;

/**
 * Gives TensorFlow.js's wasm backend this program's kernels: random numbers, dense layers, and a faster `matMul` in
 * place of its own. Call it once the backend is ready; further calls do nothing.
 */
export async function registerWasmKernels(): Promise<void> {
  const backend = tf.findBackend('wasm') as tf.KernelBackend;
  if (registered === backend) return;
  const heap = new WasmHeap(backend);
  const { instance } = await WebAssembly.instantiate(await readFile(MODULE), {
    env: { memory: heap.memory },
  });
  const module = instance.exports as unknown as Module;
  const workspace = heap.reserve(module.WORKSPACE_BYTES.value);
  module.fillWorkspace(workspace);
  registerRandom(module, heap, workspace);
  registerMatrixProduct(module, heap);
  registerDense(module, heap);
  registerIdentity(heap);
  registerGather(heap);
  registerCopies(module, heap);
  registerLstmCell(module, heap, workspace);
  registerMachine(module, heap, workspace);
  registerMemoryNetwork(module, heap);
  registerConvolutionalGru(module, heap, workspace);
  registered = backend;
}

function registerRandom(module: Module, heap: WasmHeap, workspace: number): void {
  const drawing = (draw: Module['statelessNormals']) => (args: KernelArguments) => {
    const seeds = args.inputs.seeds!;
    const size = args.attrs.size as number;
    const out = heap.output([seeds.shape[0]!, size]);
    draw(heap.address(out), heap.address(seeds), seeds.shape[0]!, size, workspace);
    return out;
  };
  heap.register(STATELESS_NORMAL, drawing(module.statelessNormals));
  heap.register(STATELESS_UNIFORM, drawing(module.statelessUniforms));
  heap.register(ADD_STATELESS_NORMAL, ({ inputs, attrs }) => {
    const { x, seeds, deviation } = inputs as { [name: string]: tf.TensorInfo };
    const out = heap.output(x!.shape);
    const [to, from, keys, scale] = [out, x!, seeds!, deviation!].map((tensor) => heap.address(tensor));
    const replicas = seeds!.shape[0]!;
    const size = tf.util.sizeFromShape(x!.shape) / replicas;
    const block = (attrs.offset as number) / 4;
    module.addStatelessNormals(to!, from!, keys!, scale!, replicas, size, block, workspace);
    return out;
  });
}

/** The stock kernel copies, and TensorFlow.js clones every tensor that it saves for a backward pass. */
function registerIdentity(heap: WasmHeap): void {
  heap.register('Identity', ({ inputs }) => heap.alias(inputs.x!));
}

function registerMatrixProduct(module: Module, heap: WasmHeap): void {
  heap.register('BatchMatMul', ({ inputs, attrs }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    if (a.dtype !== 'float32' || b.dtype !== 'float32')
      throw new Error(`matMul on the wasm backend needs float32 tensors, got ${a.dtype} and ${b.dtype}`);
    return multiply(module, heap, a, b, {
      transposeA: attrs.transposeA as boolean,
      transposeB: attrs.transposeB as boolean,
    });
  });
}

function registerDense(module: Module, heap: WasmHeap): void {
  heap.register(DENSE, ({ inputs, attrs }) =>
    multiply(module, heap, inputs.x!, inputs.w!, { bias: inputs.b!, relu: attrs.relu as boolean }),
  );

  heap.register(DENSE_MASK, ({ inputs, attrs }) => {
    const { dy, y } = inputs as { dy: tf.TensorInfo; y: tf.TensorInfo };
    const [replicas, rows, columns] = dy.shape as [number, number, number];
    const relu = attrs.relu as boolean;
    const dz = relu ? heap.output(dy.shape) : heap.alias(dy);
    const db = heap.output([replicas, columns]);
    const [toZ, toB, fromY, from] = [dz, db, y, dy].map((tensor) => heap.address(tensor)) as number[];
    module.maskAndSum(toZ!, toB!, from!, relu ? fromY! : 0, replicas, rows, columns);
    return [dz, db];
  });

  heap.register(SQUARED_NORM, ({ inputs }) => {
    const x = inputs.x!;
    const replicas = x.shape[0]!;
    const out = heap.output([replicas]);
    module.squaredNorms(
      heap.address(out),
      heap.address(x),
      replicas,
      tf.util.sizeFromShape(x.shape) / replicas,
    );
    return out;
  });
}

interface ProductOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** [batch, columns], one row per product. */
  readonly bias?: tf.TensorInfo;
  readonly relu?: boolean;
}

function multiply(
  module: Module,
  heap: WasmHeap,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA = false, transposeB = false, bias, relu = false }: ProductOptions,
): tf.TensorInfo {
  const { shape, m, k, n, runs } = planProduct(a.shape, b.shape, transposeA, transposeB);
  const out = heap.output(shape);
  // After everything is allocated: 8 columns of b, packed.
  const panel = heap.scratch(8 * k * FLOAT);
  const [to, fromA, fromB] = [out, a, b].map((tensor) => heap.address(tensor)) as [number, number, number];
  const biases = bias ? heap.address(bias) : 0;
  const aRow = (transposeA ? 1 : k) * FLOAT;
  const aColumn = (transposeA ? m : 1) * FLOAT;
  const bRow = (transposeB ? 1 : n) * FLOAT;
  const bColumn = (transposeB ? k : 1) * FLOAT;
  let first = 0;
  for (const { count, a, b, aStep, bStep } of runs) {
    module.matrixProducts(
      to + first * m * n * FLOAT,
      fromA + a * m * k * FLOAT,
      fromB + b * k * n * FLOAT,
      bias ? biases + first * n * FLOAT : 0,
      panel,
      m,
      k,
      n,
      aRow,
      aColumn,
      bRow,
      bColumn,
      relu ? 1 : 0,
      count,
      aStep * m * k * FLOAT,
      bStep * k * n * FLOAT,
    );
    first += count;
  }
  return out;
}
