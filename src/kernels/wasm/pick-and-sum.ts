import type { Declarations } from './declaration.js';

export const pickAndSum = {
  PickAndSum: {
    run: 'pickAndSum',
    inputs: ['x', 'indices'],
    outputs: ({ inputs: { x, indices } }) => [[x.shape[0], indices.shape[0]]],
    numbers: ({ inputs: { x, indices } }) => [...x.shape, ...indices.shape],
    // The one behind the last column is a zero.
    ranges: ({ inputs: { x } }) => ({ indices: [0, x.shape[1] + 1] }),
  },
} satisfies Declarations;
