/**
 * Names of the random kernels in TensorFlow.js's registry; a backend takes part by registering them.
 *
 * - STATELESS_NORMAL, STATELESS_UNIFORM: inputs `seeds` int32 [R, 2]; attribute `size`; output float32 [R, size].
 * - ADD_STATELESS_NORMAL (optional): inputs `x` float32 [R, ...], `seeds` int32 [R, 2], `deviation` float32 [R]; attribute
 *   `offset`, a multiple of 4; output float32 like `x`.
 */
export const STATELESS_NORMAL = 'StatelessRandomNormalPerReplica';
export const STATELESS_UNIFORM = 'StatelessRandomUniformPerReplica';
export const ADD_STATELESS_NORMAL = 'AddStatelessRandomNormalPerReplica';
