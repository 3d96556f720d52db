import { type Declarations, FLOAT } from './declaration.js';

export const setSpread = {
  SetSpread: {
    run: 'setSpread',
    inputs: ['sets'],
    outputs: ({ inputs: { sets } }) => [[sets.shape[0]]],
    scratch: ({ inputs: { sets } }) => FLOAT * sets.shape[2],
    numbers: ({ inputs: { sets } }) => sets.shape,
  },
  SetSpreadGradient: {
    run: 'setSpreadGradient',
    inputs: ['dy', 'sets'],
    outputs: ({ inputs: { sets } }) => [sets.shape],
    numbers: ({ inputs: { sets } }) => sets.shape,
  },
} satisfies Declarations;
