/**
 * Names of the layer kernels in TensorFlow.js's registry. A backend that does not register them gets the same result from
 * a composition of TensorFlow.js's ops.
 *
 * - DENSE: inputs `x` [R or 1, B, I], `w` [R, I, O], `b` [R, O]; attribute `relu`; output [R, B, O].
 * - DENSE_MASK: inputs `dy`, `y` [R, B, O]; attribute `relu`; outputs dz [R, B, O] (dy where y > 0; dy itself without
 *   relu) and its sum over the batch, [R, O].
 * - MACHINE_STEP, MACHINE_STEP_GRADIENT (no composition here, see experiments/kth-element): inputs `logits` [N, K], `registers`
 *   [N, R, M], `memory` [N, M, M], `limits` [N, 1, 1], for the gradient also dRegisters, dMemory, dEntropy like the outputs;
 *   attribute `repetitions`; outputs registers, memory and entropy [N], or gradients like the first three inputs.
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
