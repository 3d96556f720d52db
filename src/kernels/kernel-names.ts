/**
 * Names of the layer kernels in TensorFlow.js's registry. A backend that does not register them gets the same result from
 * a composition of TensorFlow.js's ops.
 *
 * - DENSE: inputs `x` [R or 1, B, I], `w` [R, I, O], `b` [R, O]; attribute `relu`; output [R, B, O].
 * - DENSE_MASK: inputs `dy`, `y` [R, B, O]; attribute `relu`; outputs dz [R, B, O] (dy where y > 0; dy itself without
 *   relu) and its sum over the batch, [R, O].
 * - LSTM_CELL, LSTM_CELL_GRADIENT: inputs `gates` [..., 4 units], `cell` [..., units], for the gradient also dOutput and dNewCell
 *   like the cell; outputs the new output and cell, or gradients like gates and cell.
 * - MACHINE_STEP, MACHINE_STEP_GRADIENT (the composition is experiments/kth-element/machine.ts): inputs `logits` [N, K],
 *   `registers` [N, R, M], `memory` [N, M, M], `targets` int32 [N, M], for the gradient also `limits` [N, 1, 1] and dRegisters,
 *   dMemory, dEntropy, dZeros, dLikelihood like the outputs; attributes `repetitions` and `epsilon`; outputs registers,
 *   memory, entropy [N], zeros [N, R] and likelihood [N], or gradients like the first three inputs.
 * - CONVOLUTIONAL_GRU, CONVOLUTIONAL_GRU_GRADIENT: see experiments/neural-gpu/cgru.ts.
 * - PICK_AND_SUM: see experiments/neural-gpu/band.ts.
 * - SQUARED_NORM: input `x` [R, ...]; output [R].
 * - EMBED_BAGS, MEMORY_HOP and their gradients: see src/kernels/memory-network.ts.
 */
export const DENSE = 'DensePerReplica';
export const DENSE_MASK = 'DenseMaskPerReplica';
export const SQUARED_NORM = 'SquaredNormPerReplica';
export const EMBED_BAGS = 'EmbedBagsPerReplica';
export const EMBED_BAGS_GRADIENT = 'EmbedBagsGradientPerReplica';
export const MEMORY_HOP = 'MemoryHopPerReplica';
export const MEMORY_HOP_GRADIENT = 'MemoryHopGradientPerReplica';
export const MACHINE_STEP = 'RandomAccessMachineStep';
export const MACHINE_STEP_GRADIENT = 'RandomAccessMachineStepGradient';
export const LSTM_CELL = 'LstmCell';
export const LSTM_CELL_GRADIENT = 'LstmCellGradient';
export const CONVOLUTIONAL_GRU = 'ConvolutionalGru';
export const CONVOLUTIONAL_GRU_GRADIENT = 'ConvolutionalGruGradient';
export const PICK_AND_SUM = 'PickAndSum';
