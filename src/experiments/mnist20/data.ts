import * as tf from '@tensorflow/tfjs';
import type { ImageSet, Images } from '../../data/images.js';
import { findMnist, loadMnist, mnist } from '../../data/mnist.js';
import { syntheticDigits } from '../../data/synthetic-digits.js';
import { UserError } from '../../errors.js';
import type { DataContext, OpenData } from '../experiment.js';
import { obtainPublished } from '../obtain.js';
import type { MnistSettings } from './settings.js';

type DataSettings = MnistSettings['data'];

/** Digits on the device. */
export interface Digits extends OpenData {
  readonly train: DigitTensors;
  readonly test: DigitTensors;
}

export interface DigitTensors {
  readonly count: number;
  /** float32 [count, 784], scaled as the settings say. */
  readonly images: tf.Tensor2D;
  /** int32 [count] */
  readonly labels: tf.Tensor1D;
}

/** Synthetic digits are one fixed data set, whatever the trial's seed. */
const SYNTHETIC_SEED = 0;

/** MNIST first, then what stands in for it; `fallback` itself changes no result and is left out. */
export function dataVariants({ fallback, ...data }: DataSettings): DataSettings[] {
  const own = { ...data, fallback: 'none' as const };
  return data.source === 'mnist' && fallback !== 'none' ? [own, { ...own, source: fallback }] : [own];
}

/** Whether the digits can be had: MNIST is looked for in the folders, then fetched. */
export async function obtainDigits({ source }: DataSettings, context: DataContext): Promise<boolean> {
  return source === 'synthetic-digits' || obtainPublished(mnist, context);
}

export async function openDigits(settings: DataSettings, context: DataContext): Promise<Digits> {
  const { train, test } = await loadImages(settings, context);
  const scale = inputScale(settings.inputs, train);
  const tensors = {
    train: toTensors(first(train, settings.trainExamples), scale),
    test: toTensors(first(test, settings.testExamples), scale),
  };
  return { ...tensors, dispose: () => tf.dispose([tensors.train, tensors.test] as never) };
}

async function loadImages(settings: DataSettings, { folders }: DataContext): Promise<ImageSet> {
  if (settings.source === 'synthetic-digits')
    return syntheticDigits({
      train: settings.trainExamples,
      test: settings.testExamples,
      seed: SYNTHETIC_SEED,
    });
  const folder = await findMnist(folders);
  if (!folder) throw new UserError('MNIST was there when the trials were planned and is gone now.');
  return loadMnist(folder);
}

interface Scale {
  readonly offset: number;
  readonly factor: number;
}

/** What a pixel becomes: (pixel + offset) * factor. */
function inputScale(inputs: DataSettings['inputs'], { pixels }: Images): Scale {
  if (typeof inputs === 'number') return { offset: 0, factor: inputs / 255 };
  if (inputs === 'raw') return { offset: 0, factor: 1 };
  if (inputs === 'unit') return { offset: 0, factor: 1 / 255 };
  let sum = 0;
  let squares = 0;
  for (const pixel of pixels) {
    sum += pixel;
    squares += pixel * pixel;
  }
  const mean = sum / pixels.length;
  return { offset: -mean, factor: 1 / Math.sqrt(squares / pixels.length - mean * mean) };
}

function first(images: Images, count: number): Images {
  const used = Math.min(count, images.count);
  const size = images.rows * images.columns;
  return {
    ...images,
    count: used,
    pixels: images.pixels.subarray(0, used * size),
    labels: images.labels.subarray(0, used),
  };
}

function toTensors(
  { count, rows, columns, pixels, labels }: Images,
  { offset, factor }: Scale,
): DigitTensors {
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) values[i] = (pixels[i]! + offset) * factor;
  return {
    count,
    images: tf.tensor2d(values, [count, rows * columns]),
    labels: tf.tensor1d(Int32Array.from(labels), 'int32'),
  };
}
