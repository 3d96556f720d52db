import { registerBandedGru } from './banded-gru.js';
import { registerDenseStack } from './dense-stack.js';
import { registerFusedSteps } from './fused-step.js';
import { registerMemoryNetwork } from './memory-network.js';
import { registerRandom } from './random.js';
import { replaceStockKernels } from './stock.js';

/** Gives the backend `tensorflow` gnoise's kernels, and better ones in place of some of its own. */
export function registerTensorflowKernels(): void {
  replaceStockKernels();
  registerRandom();
  registerFusedSteps();
  registerDenseStack();
  registerMemoryNetwork();
  registerBandedGru();
}
