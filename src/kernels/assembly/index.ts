// The kernels' entry points. Every argument of type `usize` is an address in the memory of TensorFlow.js's wasm backend.
// Nothing here allocates or keeps state, so the module can share that memory: outputs and scratch come from the caller.
export { addStatelessNormals, statelessNormals, statelessUniforms } from './random';
export { dropout } from './dropout';
export { matrixProducts } from './matrix-product';
export { maskAndSum, squaredNorms } from './per-replica';
export { fillWorkspace, WORKSPACE_BYTES } from './workspace';
export { embedBags, embedBagsGradient, memoryHop, memoryHopGradient } from './memory-network';
export { machineScratchBytes, machineStep, machineStepGradient } from './random-access-machine/index';
export {
  programLosses,
  programLossesScratchBytes,
  programSelections,
  programSelectionsGradient,
  programSelectionsScratchBytes,
} from './neural-programmer/index';
export { lstmCell, lstmCellGradient } from './lstm-cell';
export { convolutionalGru, convolutionalGruGradient, convolutionalGruScratchBytes } from './convolutional-gru';
export { pickAndSum } from './pick-and-sum';
export { copyRows } from './copy-rows';
export { sum } from './sum';
export { tanh } from './tanh';
export { setSpread, setSpreadGradient } from './set-spread';
export { noisyAdam, noisyDescent, squaredNormsOfAll } from './descent';
export { denseStack, denseStackGradient } from './dense-stack';
