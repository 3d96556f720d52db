import type { Call, Declarations } from './declaration.js';

type Unit = Call<'ConvolutionalGru' | 'ConvolutionalGruGradient'>;

export const convolutionalGru = {
  ConvolutionalGru: {
    run: 'convolutionalGru',
    inputs: ['state', 'gates', 'gateBias', 'candidate', 'candidateBias', 'hold'],
    outputs({ inputs: { state } }) {
      const [R, n, B, C] = state.shape;
      return [state.shape, [R, n * B, 2 * C], [R, n * B, C]];
    },
    scratch,
    numbers: (call) => [call.workspace, ...numbers(call)],
  },
  ConvolutionalGruGradient: {
    run: 'convolutionalGruGradient',
    inputs: ['dy', 'state', 'gates', 'candidate', 'opened', 'proposal', 'hold'],
    outputs({ inputs: { state, gates, candidate } }) {
      const [R, , , C] = state.shape;
      return [state.shape, gates.shape, [R, 2 * C], candidate.shape, [R, C]];
    },
    scratch,
    numbers,
  },
} satisfies Declarations;

function scratch({ inputs: { state }, attrs: { maps }, functions }: Unit): number {
  const [, n, B] = state.shape;
  return functions.convolutionalGruScratchBytes(n, B, maps);
}

/** Replicas, positions, sequences, maps. */
function numbers({ inputs: { state }, attrs: { maps } }: Unit): number[] {
  const [R, n, B] = state.shape;
  return [R, n, B, maps];
}
