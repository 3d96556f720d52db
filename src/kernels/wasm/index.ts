import * as tf from '@tensorflow/tfjs';
import { useThreads } from '../native/addon.js';
import { provideRecorder } from '../recorder.js';
import type { KernelName } from '../registry.js';
import { convolutionalGru } from './convolutional-gru.js';
import { replaceCopies } from './copies.js';
import { type Declaration, registerDeclared } from './declaration.js';
import { dense } from './dense.js';
import { registerDenseStack } from './dense-stack.js';
import { loadFunctions } from './functions.js';
import { registerFusedSteps } from './fused-step.js';
import { replaceGather } from './gather.js';
import { WasmHeap } from './heap.js';
import { replaceIdentity } from './identity.js';
import { lstmCell } from './lstm-cell.js';
import { replaceMatrixProduct } from './matrix-product.js';
import { memoryNetwork } from './memory-network.js';
import { neuralProgrammer } from './neural-programmer.js';
import { pickAndSum } from './pick-and-sum.js';
import { randomAccessMachine } from './random-access-machine.js';
import { WasmRecorder } from './recorder.js';
import { setSpread } from './set-spread.js';
import { statelessRandom } from './stateless-random.js';
import { replaceSum } from './sum.js';
import { replaceTanh } from './tanh.js';

/** Kernels that take any number of tensors have no declaration. */
const lists = ['SquaredNormsOfAll', 'NoisyDescent', 'NoisyAdam', 'DenseStack', 'DenseStackGradient'] as const;

/** Kernels that others stand for here. */
type Others = 'BandedGru' | 'BandedGruGradient';

const declarations: {
  readonly [K in Exclude<KernelName, (typeof lists)[number] | Others>]: Declaration<K>;
} = {
  ...statelessRandom,
  ...dense,
  ...memoryNetwork,
  ...lstmCell,
  ...convolutionalGru,
  ...neuralProgrammer,
  ...setSpread,
  ...pickAndSum,
  ...randomAccessMachine,
};

/** Names of all kernels that the wasm backend gets. */
export const wasmKernels = [...Object.keys(declarations), ...lists] as KernelName[];

/** The backend that has them, and which they are. */
let registered: { readonly backend: tf.KernelBackend; readonly kernels: string } | undefined;

/**
 * Gives TensorFlow.js's wasm backend this program's kernels, and faster ones in place of some of its own. Call it once the
 * backend is ready; further calls change no more than the number of threads.
 * @param threads that native kernels may work on at once.
 * @returns what the kernels are made of: `wasm`, or an instruction set where they are native.
 * @throws UserError where the environment asks for kernels that are not there.
 */
export async function registerWasmKernels(threads = 1): Promise<string> {
  useThreads(threads);
  const backend = tf.findBackend('wasm') as tf.KernelBackend;
  if (registered?.backend === backend) return registered.kernels;
  const heap = new WasmHeap(backend);
  const recorder = new WasmRecorder(backend, heap);
  // Before any of them is replaced, as replacements fall back to them.
  recorder.noteStockKernels();
  const { functions: plain, kernels } = await loadFunctions(heap.memory);
  const functions = recorder.noting(plain);
  const workspace = heap.reserve(functions.WORKSPACE_BYTES);
  functions.fillWorkspace(workspace);
  const tools = { heap, functions, workspace };
  for (const [name, declaration] of Object.entries(declarations))
    registerDeclared(tools, name as KernelName, declaration as Declaration<KernelName>);
  registerFusedSteps(tools);
  registerDenseStack(tools);
  replaceMatrixProduct(tools);
  replaceIdentity(heap);
  replaceGather(heap);
  replaceCopies(tools);
  replaceSum(tools);
  replaceTanh(tools);
  provideRecorder('wasm', recorder);
  registered = { backend, kernels };
  return kernels;
}
