import type { Call, Declarations } from './declaration.js';

/** In the order of the functions' arguments. */
const PARAMETERS = [
  ...(['words', 'forwardInput', 'forwardRecurrent', 'backwardInput', 'backwardRecurrent'] as const),
  ...(['operations', 'selectorQuestion', 'selectorHistory'] as const),
  ...(['historyOperation', 'historyColumn', 'historyRecurrent'] as const),
] as const;

export const neuralProgrammer = {
  ProgramSelections: {
    run: 'programSelections',
    inputs: [...PARAMETERS, 'examples', 'lists'],
    outputs(call) {
      const { R, B, T, d, C, Q, O, S } = sizesOf(call);
      return [
        [R, B * (T * (O + C) + 4)],
        [R, B * ((Q + T) * d + T * S) + (O + C) * d],
      ];
    },
    scratch,
    ranges,
    numbers: (call) => [...numbers(call), listsOf(call)],
  },
  ProgramSelectionsGradient: {
    run: 'programSelectionsGradient',
    inputs: ['dChoices', 'choices', 'tape', ...PARAMETERS, 'examples', 'lists'],
    outputs: ({ inputs }) => PARAMETERS.map((name) => inputs[name]?.shape ?? null),
    scratch,
    ranges,
    numbers: (call) => [...numbers(call), Number(call.attrs.learnable), listsOf(call)],
  },
  ProgramLosses: {
    run: 'programLosses',
    inputs: ['choices', 'examples', 'lists', 'delta', 'lambda'],
    outputs: ({ inputs: { choices, delta } }) => [delta.shape, choices.shape],
    scratch: ({ attrs: { steps, rows, numericColumns, textColumns }, functions }) =>
      functions.programLossesScratchBytes(steps, rows, numericColumns, textColumns),
    ranges,
    numbers({ inputs: { examples, lists }, attrs, workspace }) {
      const [R] = lists.shape;
      const [G, B] = examples.shape;
      const { steps, rows, numericColumns, textColumns, positions, learnable } = attrs;
      return [workspace, R, B, steps, rows, numericColumns, textColumns, positions, Number(learnable), G];
    },
  },
} satisfies Declarations;

type Selections = Call<'ProgramSelections' | 'ProgramSelectionsGradient'>;

/** Replicas, batch, steps, words, units, columns, positions, operations, units of the selector, floats of an example. */
function sizesOf({ inputs: { words, operations, selectorQuestion, examples }, attrs }: Selections) {
  const [R, V, d] = words.shape;
  const { steps: T, columns: C, positions: Q } = attrs;
  const S = selectorQuestion.shape[2];
  return { R, B: examples.shape[1], T, V, d, C, Q, O: operations.shape[1], S, stride: examples.shape[2] };
}

/** Which lists of examples there are. */
function ranges(call: Selections | Call<'ProgramLosses'>) {
  return { lists: [0, listsOf(call)] as const };
}

function listsOf({ inputs: { examples } }: Selections | Call<'ProgramLosses'>): number {
  return examples.shape[0];
}

function scratch(call: Selections): number {
  const { B, T, V, d, C, Q } = sizesOf(call);
  return call.functions.programSelectionsScratchBytes(B, T, V, d, C, Q);
}

function numbers(call: Selections): number[] {
  const { R, B, T, V, d, C, Q, stride } = sizesOf(call);
  return [call.workspace, R, B, T, V, d, C, Q, call.attrs.firstColumn, stride];
}
