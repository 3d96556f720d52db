import * as tf from '@tensorflow/tfjs';
import { markdownTable } from 'markdown-table';
import type { Examples, Explanation, Trained } from '../experiment.js';
import { chosen } from '../explanation.js';
import { testParts } from '../test-parts.js';
import type { Digits, DigitTensors } from './data.js';
import { activities, CLASSES } from './network.js';
import type { MnistSettings } from './settings.js';

/** Activities that are looked at in one pass. */
const MOST_NUMBERS = 2 ** 22;

/** A hidden layer over all test images. */
interface LayerActivity {
  readonly units: number;
  /** Share of activities above 0, over images and units. */
  readonly active: number;
  readonly mean: number;
  /** By how much a unit's activity differs between images: root mean square over units of its standard deviation. */
  readonly deviation: number;
  /** Units that are 0 on every image. */
  readonly dead: number;
}

/** What a network takes an image for. */
interface Guess {
  readonly example: number;
  readonly digit: number;
  readonly probabilities: readonly number[];
}

/** Which digits a trained network takes for which, and how active its layers are. */
export async function explain(
  { parameters }: Trained,
  { model }: MnistSettings,
  { test }: Digits,
  examples: Examples,
): Promise<Explanation> {
  const confusion = Array.from({ length: CLASSES }, () => new Array<number>(CLASSES).fill(0));
  const tallies = Array.from({ length: model.layers }, () => new Tally(model.units));
  const labels = await test.labels.data();
  const most = Math.floor(MOST_NUMBERS / (model.layers * model.units));
  for await (const [from, to] of testParts(test.count, most)) {
    const outputs = await outputsFor(parameters, test, from, to);
    for (const [l, tally] of tallies.entries()) tally.add(outputs[l]!);
    for (const [i, guess] of bestOf(outputs.at(-1)!).entries()) confusion[labels[from + i]!]![guess]! += 1;
  }
  const layers = tallies.map((tally) => tally.activity(test.count));
  const guesses: Guess[] = [];
  for (const example of chosen(examples, test.count)) {
    const logits = (await outputsFor(parameters, test, example, example + 1)).at(-1)!;
    guesses.push({ example, digit: labels[example]!, probabilities: softmax(logits) });
  }
  return {
    text: [confusionText(confusion), layersText(layers), ...guesses.map(guessText)].join('\n\n'),
    value: {
      testImages: test.count,
      testAccuracy: share(confusion),
      confusion,
      layers: layers.map((layer) => ({ ...layer })),
      examples: guesses.map((guess) => ({ ...guess })),
    },
  };
}

/** What every layer gives for the test images `from` .. `to`, row by row. */
async function outputsFor(
  parameters: readonly tf.Tensor[],
  { images }: DigitTensors,
  from: number,
  to: number,
): Promise<Float32Array[]> {
  const outputs = tf.tidy(() =>
    activities(parameters, tf.expandDims(tf.slice(images, [from, 0], [to - from, -1]), 0)),
  );
  const read = await Promise.all(outputs.map((output) => output.data() as Promise<Float32Array>));
  tf.dispose(outputs);
  return read;
}

/** Sums over images, for each unit of a layer. */
class Tally {
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly active: Float64Array;

  constructor(private readonly units: number) {
    this.sums = new Float64Array(units);
    this.squares = new Float64Array(units);
    this.active = new Float64Array(units);
  }

  /** @param activity [images, units] */
  add(activity: Float32Array): void {
    for (const [i, value] of activity.entries()) {
      const unit = i % this.units;
      this.sums[unit]! += value;
      this.squares[unit]! += value * value;
      this.active[unit]! += Number(value > 0);
    }
  }

  activity(images: number): LayerActivity {
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / this.units;
    const variances = this.squares.map((square, unit) =>
      Math.max(0, square / images - (this.sums[unit]! / images) ** 2),
    );
    return {
      units: this.units,
      active: mean(this.active) / images,
      mean: mean(this.sums) / images,
      deviation: Math.sqrt(mean(variances)),
      dead: this.active.filter((count) => count === 0).length,
    };
  }
}

/** The class with the highest logit, for each image. */
function bestOf(logits: Float32Array): number[] {
  return Array.from({ length: logits.length / CLASSES }, (_, image) => {
    const own = logits.subarray(image * CLASSES, (image + 1) * CLASSES);
    return own.indexOf(Math.max(...own));
  });
}

function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Share of all counts that lie on the diagonal, or of those of one row. */
function share(confusion: readonly (readonly number[])[], rows = [...confusion.keys()]): number {
  const all = rows.reduce((sum, row) => sum + confusion[row]!.reduce((a, b) => a + b), 0);
  return rows.reduce((sum, row) => sum + confusion[row]![row]!, 0) / all;
}

function confusionText(confusion: readonly (readonly number[])[]): string {
  const digits = [...confusion.keys()];
  const rows = digits.map((digit) => [digit, ...confusion[digit]!, percent(share(confusion, [digit]))]);
  const images = confusion.flat().reduce((a, b) => a + b);
  return [
    `${percent(share(confusion))} of ${images} test images are right. What each digit (rows) is taken for (columns):`,
    '',
    table([['digit', ...digits, 'right'], ...rows]),
  ].join('\n');
}

function layersText(layers: readonly LayerActivity[]): string {
  const rows = layers.map(({ units, active, mean, deviation, dead }, l) => [
    l + 1,
    percent(active),
    mean.toPrecision(3),
    deviation.toPrecision(3),
    `${dead} of ${units}`,
  ]);
  return [
    "Hidden layers over these images: share of activities above 0, their mean, a unit's deviation between images, and units that are 0 on all:",
    '',
    table([['layer', 'active', 'mean', 'deviation', 'dead'], ...rows]),
  ].join('\n');
}

function guessText({ example, digit, probabilities }: Guess): string {
  const best = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, 3);
  const guesses = best.map((guess) => `${guess} (${probabilities[guess]!.toFixed(2)})`);
  return `Test image ${example}, a ${digit}, is taken for ${guesses[0]}, then ${guesses.slice(1).join(', ')}.`;
}

/** Columns that all stand at the right. */
function table(rows: readonly (readonly (string | number)[])[]): string {
  return markdownTable(
    rows.map((row) => row.map(String)),
    { align: rows[0]!.map(() => 'r') },
  );
}

/** A digit without test images has no share. */
function percent(value: number): string {
  return Number.isNaN(value) ? '' : `${(100 * value).toFixed(1)}%`;
}
