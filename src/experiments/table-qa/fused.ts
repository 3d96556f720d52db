import * as tf from '@tensorflow/tfjs';
import { hasKernel, type ProgrammerParameters, runKernel } from '../../kernels/registry.js';
import { withGradient } from '../../ops/gradients.js';
import { shapeCheck } from '../../ops/shapes.js';
import { columnCount, NUMBERS, type Sizes } from './encoding.js';
import { columnName, TEXT_WORDS } from './grammar.js';
import { parametersOf, type Selections } from './network.js';
import { operationCount } from './operations.js';
import { exampleFloats } from './packing.js';
import type { TableQaSettings } from './settings.js';

type ModelSettings = TableQaSettings['model'];

// Kernels for what network.ts, machine.ts and loss.ts compose. They take examples in one piece (packing.ts), and selections as
// one row per replica: the distributions over operations [T, B, O], over columns [T, B, C], over numbers [B, 2, NUMBERS], and the
// scores of text matches [B, text columns, 10].

/** Whether the current backend has the machine and its loss as a kernel. */
export function hasFusedMachine(): boolean {
  return hasKernel('ProgramLosses');
}

/** Whether it has the network, too: a kernel knows neither text match nor dropout. */
export function hasFusedNetwork({ textColumns }: Sizes, isDropping: boolean): boolean {
  return hasKernel('ProgramSelections') && textColumns === 0 && !isDropping;
}

/** A model's parameters by the kernels' names. */
const KERNEL_NAMES: { readonly [parameter: string]: keyof ProgrammerParameters } = {
  words: 'words',
  'question/forward/input': 'forwardInput',
  'question/forward/recurrent': 'forwardRecurrent',
  'question/backward/input': 'backwardInput',
  'question/backward/recurrent': 'backwardRecurrent',
  operations: 'operations',
  'selector/question': 'selectorQuestion',
  'selector/history': 'selectorHistory',
  'history/operation': 'historyOperation',
  'history/column': 'historyColumn',
  'history/recurrent': 'historyRecurrent',
};

/** The order in which the kernels' gradients come. */
const IN_ORDER = Object.values(KERNEL_NAMES);

/** Examples in one piece, G lists of B, [G, B, exampleFloats], and which of them each replica has, int32 [R]. */
export type ExampleLists = { readonly examples: tf.Tensor3D; readonly lists: tf.Tensor1D };

const checkExamples = shapeCheck('table-qa', { examples: 'G B floats', lists: 'int32 R' });

/**
 * `select` for all replicas, [R, choices].
 * @param parameters each [R, ...], in the order of `parametersOf`.
 */
export function fusedSelect(
  model: ModelSettings,
  sizes: Sizes,
  parameters: readonly tf.Tensor[],
  batch: ExampleLists,
): tf.Tensor2D {
  const specs = parametersOf(model, sizes);
  const R = parameters[0]!.shape[0]!;
  checkExamples(batch, { R, floats: exampleFloats(sizes) });
  const weights = Object.fromEntries(
    specs.map(({ name }, i) => [KERNEL_NAMES[name]!, parameters[i]!]),
  ) as ProgrammerParameters;
  const attributes = {
    steps: model.steps,
    columns: columnCount(sizes),
    positions: sizes.positions,
    firstColumn: sizes.words.indexOf(columnName(0)),
  };
  return withGradient(
    weights as Required<ProgrammerParameters>,
    () => {
      const [choices, tape] = runKernel('ProgramSelections', { ...weights, ...batch }, attributes);
      return {
        value: choices,
        saved: { ...(weights as Required<ProgrammerParameters>), ...batch, choices, tape },
      };
    },
    (dChoices, saved) => {
      const gradients = runKernel(
        'ProgramSelectionsGradient',
        { dChoices, ...saved },
        { ...attributes, learnable: model.pivots === 'learnable' },
      );
      const names = IN_ORDER.filter((name) => weights[name] !== undefined);
      return Object.fromEntries(
        names.map((name, i) => [name, gradients[i]!]),
      ) as Required<ProgrammerParameters>;
    },
  );
}

/** Selections as the kernels take them, [R, choices]. */
export function packSelections({ operations, columns, pivots, matches }: Selections): tf.Tensor2D {
  const all: tf.Tensor[] = [...operations, ...columns, pivots];
  if (matches) all.push(matches);
  const R = pivots.shape[0];
  return tf.concat(
    all.map((t) => tf.reshape(t, [R, -1]) as tf.Tensor2D),
    1,
  );
}

const checkLosses = shapeCheck('table-qa', {
  choices: 'R choices',
  examples: 'G B floats',
  lists: 'int32 R',
  delta: 'R',
  lambda: 'R',
});

/**
 * Mean losses of each replica's batch, [R]: `runMachine`, then `meanLoss`.
 * @param choices [R, choices].
 * @param delta and lambda [R].
 */
export function fusedLoss(
  model: ModelSettings,
  sizes: Sizes,
  inputs: ExampleLists & {
    readonly choices: tf.Tensor2D;
    readonly delta: tf.Tensor1D;
    readonly lambda: tf.Tensor1D;
  },
): tf.Tensor1D {
  const { numericColumns, textColumns, positions, rows } = sizes;
  const own =
    model.steps * (operationCount(sizes) + columnCount(sizes)) + 2 * NUMBERS + textColumns * TEXT_WORDS;
  checkLosses(inputs, { choices: inputs.examples.shape[1] * own, floats: exampleFloats(sizes) });
  const learnable = model.pivots === 'learnable';
  const attributes = { steps: model.steps, rows, numericColumns, textColumns, positions, learnable };
  return withGradient(
    { choices: inputs.choices },
    () => {
      const [losses, dChoices] = runKernel('ProgramLosses', { ...inputs }, attributes);
      return { value: losses, saved: { dChoices } };
    },
    (dy, { dChoices }) => ({ choices: tf.mul(dChoices, tf.expandDims(dy, 1)) }),
  );
}
