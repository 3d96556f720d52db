import type { Call, Declarations } from './declaration.js';

type Unit = Call<'ConvolutionalGru' | 'ConvolutionalGruGradient'>;

export const convolutionalGru = {
  ConvolutionalGru: {
    run: 'convolutionalGru',
    inputs: ['state', 'kernels', 'biases', 'hold'],
    outputs({ inputs: { state } }) {
      const [R, n, B, C] = state.shape;
      return [state.shape, [R, n * B, 2 * C], [R, n * B, C]];
    },
    scratch,
    numbers: (call) => [call.workspace, ...numbers(call)],
  },
  ConvolutionalGruGradient: {
    run: 'convolutionalGruGradient',
    inputs: ['dy', 'state', 'kernels', 'opened', 'proposal', 'hold'],
    outputs({ inputs: { state, kernels } }) {
      const [R] = state.shape;
      return [state.shape, kernels.shape, [R, 3 * mapsOf(kernels)]];
    },
    scratch,
    numbers,
  },
} satisfies Declarations;

function mapsOf(kernels: Unit['inputs']['kernels']): number {
  return kernels.shape[2];
}

function scratch({ inputs: { state, kernels }, functions }: Unit): number {
  const [, n, B] = state.shape;
  return functions.convolutionalGruScratchBytes(n, B, mapsOf(kernels));
}

/** Replicas, positions, sequences, maps. */
function numbers({ inputs: { state, kernels } }: Unit): number[] {
  const [R, n, B] = state.shape;
  return [R, n, B, mapsOf(kernels)];
}
