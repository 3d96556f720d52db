import * as tf from '@tensorflow/tfjs';
import type { KernelName } from '../registry.js';
import { convolutionalGru } from './convolutional-gru.js';
import { replaceCopies } from './copies.js';
import { type Declaration, registerDeclared } from './declaration.js';
import { dense } from './dense.js';
import { loadFunctions } from './functions.js';
import { replaceGather } from './gather.js';
import { WasmHeap } from './heap.js';
import { replaceIdentity } from './identity.js';
import { lstmCell } from './lstm-cell.js';
import { replaceMatrixProduct } from './matrix-product.js';
import { memoryNetwork } from './memory-network.js';
import { neuralProgrammer } from './neural-programmer.js';
import { pickAndSum } from './pick-and-sum.js';
import { randomAccessMachine } from './random-access-machine.js';
import { statelessRandom } from './stateless-random.js';

const declarations: { readonly [K in KernelName]: Declaration<K> } = {
  ...statelessRandom,
  ...dense,
  ...memoryNetwork,
  ...lstmCell,
  ...convolutionalGru,
  ...neuralProgrammer,
  ...pickAndSum,
  ...randomAccessMachine,
};

/** Names of all kernels that the wasm backend gets. */
export const wasmKernels = Object.keys(declarations) as KernelName[];

/** The backend that has them, and which they are. */
let registered: { readonly backend: tf.KernelBackend; readonly kernels: string } | undefined;

/**
 * Gives TensorFlow.js's wasm backend this program's kernels, and faster ones in place of some of its own. Call it once the
 * backend is ready; further calls do nothing.
 * @returns what the kernels are made of: `wasm`, or an instruction set where they are native.
 * @throws UserError where the environment asks for kernels that are not there.
 */
export async function registerWasmKernels(): Promise<string> {
  const backend = tf.findBackend('wasm') as tf.KernelBackend;
  if (registered?.backend === backend) return registered.kernels;
  const heap = new WasmHeap(backend);
  const { functions, kernels } = await loadFunctions(heap.memory);
  const workspace = heap.reserve(functions.WORKSPACE_BYTES);
  functions.fillWorkspace(workspace);
  const tools = { heap, functions, workspace };
  for (const name of wasmKernels)
    registerDeclared(tools, name, declarations[name] as Declaration<KernelName>);
  replaceMatrixProduct(tools);
  replaceIdentity(heap);
  replaceGather(heap);
  replaceCopies(tools);
  registered = { backend, kernels };
  return kernels;
}
