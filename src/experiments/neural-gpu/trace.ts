import * as tf from '@tensorflow/tfjs';
import { WIDTH } from '../../ops/patches.js';
import type { Examples, Explanation, Trained } from '../experiment.js';
import { chosen, explainEach } from '../explanation.js';
import type { Progress } from './curriculum.js';
import { evaluatedWeights, lastImage } from './evaluation.js';
import { columns, type SequenceSet, type TestSets } from './examples.js';
import { readOut } from './network.js';
import type { NeuralGpuSettings } from './settings.js';
import { PAD } from './tasks.js';

/** The symbols PAD, 0, 1 and the operator, as they are shown. */
const LETTERS = ['_', '0', '1', '+'];
/** From -1 to 1: between them lie all numbers of an image, but for those at the start. */
const SHADES = ' .:-=+*#%@';
/** Width of a terminal, in characters. */
const LINE = 100;

/** The mental image at the start, or after a step. */
interface Image {
  /** The map that is shown, [position][column of the image]. */
  readonly places: readonly (readonly number[])[];
  /** What would be read if the network stopped here. */
  readonly read: string;
}

/** A sequence, as letters, and how the network went about it. */
type Run = {
  readonly input: string;
  readonly expected: string;
  readonly output: string;
  /** Whether all symbols are right that are asked for: what stands behind a result is not. */
  readonly right: boolean;
  /** Which of the maps is shown, from 0: the one that varies most over places and steps. */
  readonly map: number;
  /** At the start, and after every step. */
  readonly images: readonly Image[];
};

/**
 * The images of a trained network step by step. First among the examples are the sequences of the largest size trained on,
 * then those of the test size, then those of its multiples.
 */
export function explain(
  { parameters, state }: Trained,
  { data }: NeuralGpuSettings,
  { trained, test, multiples }: TestSets,
  examples: Examples,
): Promise<Explanation> {
  const sets = [trained, test, ...multiples.map(({ set }) => set)];
  const { shared } = state as Progress;
  const letters = data.task === 'multiplication' ? LETTERS.with(3, '*') : LETTERS;
  return explainEach(chosen(examples, sets.length * data.testExamples), async (example) => {
    const set = sets[Math.floor(example / data.testExamples)]!;
    const run = await runOf(parameters, shared, set, example % data.testExamples, letters);
    return { text: runText(run), value: { ...run, images: run.images.map((image) => ({ ...image })) } };
  });
}

async function runOf(
  parameters: readonly tf.Tensor[],
  shared: boolean,
  set: SequenceSet,
  index: number,
  letters: readonly string[],
): Promise<Run> {
  const [, embedding, output] = parameters as [tf.Tensor, tf.Tensor3D, tf.Tensor3D];
  const maps = embedding.shape[2];
  const [images, reads] = tf.tidy(() => {
    const { inputs } = columns(set, index, index + 1);
    const looks: { image: tf.Tensor; read: tf.Tensor }[] = [];
    lastImage(embedding, evaluatedWeights(parameters, [shared]), inputs, (image) => {
      const read = tf.tidy(() => tf.reshape(tf.argMax(readOut(image, output), 3), [set.length]));
      looks.push({ image: tf.reshape(image, [set.length, WIDTH, maps]), read });
    });
    return [tf.stack(looks.map(({ image }) => image)), tf.stack(looks.map(({ read }) => read))];
  }) as [tf.Tensor4D, tf.Tensor2D];
  const [numbers, symbols] = [await images.array(), await reads.array()];
  tf.dispose([images, reads]);
  const of = (all: Int32Array) =>
    Array.from({ length: set.length }, (_, position) => all[position * set.count + index]!);
  const text = (line: readonly number[]) => line.map((symbol) => letters[symbol]).join('');
  const [input, target, last] = [of(set.inputs), of(set.targets), symbols.at(-1)!];
  // At the start all is 0 but for the first column.
  const map = liveliest(numbers.slice(1), maps);
  return {
    input: text(input),
    expected: text(target),
    output: text(last),
    right: target.every((symbol, position) => symbol === PAD || symbol === last[position]),
    map,
    images: numbers.map((image, step) => ({
      places: image.map((cells) => cells.map((cell) => cell[map]!)),
      read: text(symbols[step]!),
    })),
  };
}

/** The map with the greatest variance over steps, positions and columns. @param images [step][position][column][map] */
function liveliest(images: readonly number[][][][], maps: number): number {
  const cells = images.flat(2);
  const variances = Array.from({ length: maps }, (_, map) => {
    const mean = cells.reduce((sum, cell) => sum + cell[map]!, 0) / cells.length;
    return cells.reduce((sum, cell) => sum + (cell[map]! - mean) ** 2, 0);
  });
  return variances.indexOf(Math.max(...variances));
}

function runText({ input, expected, output, right, map, images }: Run): string {
  const shade = (value: number) =>
    SHADES[Math.max(0, Math.min(SHADES.length - 1, Math.floor((SHADES.length * (value + 1)) / 2)))];
  const blocks = [
    ...Array.from({ length: WIDTH }, (_, column) => ({
      title: `column ${column + 1}`,
      lines: images.map(({ places }) => `|${places.map((cells) => shade(cells[column]!)).join('')}|`),
    })),
    { title: 'read', lines: images.map(({ read }) => read) },
  ];
  return [
    `input     ${input}`,
    `expected  ${expected}`,
    `output    ${output} (${right ? 'right' : 'wrong'})`,
    '',
    `Map ${map} of the image, the one that varies most, at the start and after each step: a picture for each of the ${WIDTH}`,
    `columns, a letter for each position, from ' ' for -1 to '${SHADES.at(-1)}' for 1; and what would be read then.`,
    '',
    ...sideBySide(blocks),
  ].join('\n');
}

/** As many blocks beside each other as a line holds, the others below them; steps are numbered at the left. */
function sideBySide(
  blocks: readonly { readonly title: string; readonly lines: readonly string[] }[],
): string[] {
  const widths = blocks.map(({ title, lines }) => Math.max(title.length, lines[0]!.length));
  const perLine = Math.max(1, Math.floor((LINE - 'step'.length) / (2 + Math.max(...widths))));
  const steps = blocks[0]!.lines.length;
  const rows: string[] = [];
  for (let from = 0; from < blocks.length; from += perLine) {
    const shown = blocks.slice(from, from + perLine);
    const line = (first: string, cell: (block: (typeof blocks)[number]) => string) =>
      [first.padStart(4), ...shown.map((block, i) => cell(block).padEnd(widths[from + i]!))]
        .join('  ')
        .trimEnd();
    if (from > 0) rows.push('');
    rows.push(line('step', ({ title }) => title));
    for (let step = 0; step < steps; step++) rows.push(line(String(step), ({ lines }) => lines[step]!));
  }
  return rows;
}
