import { z } from 'zod';
import { trainSchema } from '../../optimiser/settings.js';
import { dropoutRate, evaluateEveryEpochs, partCount } from '../common-settings.js';
import type { SettingsUnder } from '../experiment.js';

/** How the weights start; biases start at 0 in every scheme. */
export const initialisations = ['simple', 'zero', 'he', 'sussillo'] as const;

/** Names for what the pixels 0..255 become before they enter the network. */
export const inputScales = ['unit', 'standardised', 'raw'] as const;

export const dataSchema = z.strictObject({
  source: z.enum(['mnist', 'synthetic-digits']).describe('The digits to train and test on.'),
  fallback: z
    .enum(['synthetic-digits', 'none'])
    .default('none')
    .describe('What stands in where MNIST can neither be found nor fetched; tables keep it apart.'),
  inputs: z
    .union([z.enum(inputScales), z.number().positive()])
    .default('unit')
    .describe(
      'unit: pixels / 255; standardised: mean 0, deviation 1 over all training pixels; raw: 0..255; a number s: 0..s.',
    ),
  trainExamples: z
    .int()
    .min(1)
    .max(60_000)
    .default(60_000)
    .describe('The first so many training images are used.'),
  testExamples: z
    .int()
    .min(1)
    .max(10_000)
    .default(10_000)
    .describe('The first so many test images are used.'),
});

export const modelSchema = z.strictObject({
  layers: partCount.default(20).describe('Hidden layers.'),
  units: z.int().positive().default(50).describe('ReLU units in each hidden layer.'),
  init: z.enum(initialisations).describe('How the weights start; biases start at 0.'),
  deviation: z
    .number()
    .positive()
    .default(0.1)
    .describe("Standard deviation of every weight under the initialisation 'simple'."),
});

export const mnistTrainSchema = trainSchema.extend({
  epochs: z.int().positive().describe('Passes over the training images.'),
  lossScale: z
    .number()
    .positive()
    .optional()
    .describe(
      'Factor on the cross entropy, which is averaged over the batch (1 if left out); 0.1 averages over the 10 classes too.',
    ),
  dropout: dropoutRate.describe('Probability of dropping a hidden unit during training.'),
  evaluateEveryEpochs: evaluateEveryEpochs.default(1),
});

export const schema = { data: dataSchema, model: modelSchema, train: mnistTrainSchema };
export type MnistSettings = SettingsUnder<typeof schema>;
