import { z } from 'zod';
import { annealedNoise, annealedShare, constantNoise, trainSchema } from '../../optimiser/settings.js';
import { dropoutRate, partCount, testSeed, updateCount } from '../common-settings.js';
import type { SettingsUnder } from '../experiment.js';
import { taskNames } from './tasks.js';

/** What the largest trained size can be multiplied by for further tests. */
export const multiples = [2, 4, 8] as const;

export const dataSchema = z.strictObject({
  task: z.enum(taskNames).default('multiplication').describe('The algorithm to learn, on binary numbers.'),
  maximum: z
    .int()
    .positive()
    .describe('Largest size trained on: digits of each operand (addition, multiplication) or bits.'),
  testSize: z.int().positive().describe('Size of the test sequences, in the same unit; may be far larger.'),
  testMultiples: z
    .array(z.literal(multiples))
    .min(1)
    .refine((list) => new Set(list).size === list.length, { error: 'a multiple is there twice.' })
    .exactOptional()
    .describe('Further tests, of sequences so many times as large as the largest trained size.'),
  testExamples: z
    .int()
    .positive()
    .default(1024)
    .describe('Test sequences, of testSize and as many of every other size that is tested.'),
  testSeed,
});

export const modelSchema = z.strictObject({
  maps: z.int().positive().default(24).describe('Numbers at each place of the mental image: m.'),
  sets: partCount
    .default(6)
    .describe('Relaxed parameter sets: step t uses set t mod sets; 1 shares one set from the start.'),
  initScale: z
    .number()
    .positive()
    .default(1)
    .describe('Scale of the starting weights, which are uniform in +-1.8 initScale sqrt(3 / inputs).'),
});

const curriculum = z.strictObject({
  start: z.int().positive().default(1).describe('Largest size of the first curriculum level.'),
  threshold: z
    .number()
    .positive()
    .max(1)
    .default(0.12)
    .describe('The level rises when the share of wrong sequences of sizes up to it is below this.'),
  period: z.int().positive().default(100).describe('Updates between two looks at that share.'),
});

const relaxation = z.strictObject({
  pull: z
    .number()
    .nonnegative()
    .default(0.0005)
    .describe('Starting weight of the squared distance of the sets from their mean in the loss.'),
  factor: z.number().positive().default(1.2).describe('Factor on that weight whenever the level rises.'),
});

const errorScaledNoise = annealedNoise.extend({
  scaledBy: z
    .literal('error')
    .describe("Multiplies the variance by the last period's share of wrong sequences, 1 at the start."),
});

export const neuralGpuTrainSchema = trainSchema.extend({
  steps: updateCount,
  evaluateEvery: z
    .int()
    .positive()
    .describe('Updates between two tests, a multiple of curriculum.period; the end is always tested.'),
  noise: z
    .union([z.literal('none'), annealedNoise, constantNoise, errorScaledNoise])
    .default('none')
    .describe('Gaussian noise on every gradient entry, after clipping and before the optimiser.'),
  dropout: dropoutRate.describe(
    'Probability of dropping an entry of the image, at the start and after every step.',
  ),
  dropoutScaling: z
    .enum(['none', 'by-length'])
    .default('none')
    .describe('by-length: a sequence of n > 8 positions is dropped from with probability dropout * 8 / n.'),
  anneal: annealedShare.default(0),
  curriculum: curriculum.default({ start: 1, threshold: 0.12, period: 100 }),
  relaxation: relaxation.default({ pull: 0.0005, factor: 1.2 }),
});

export const schema = { data: dataSchema, model: modelSchema, train: neuralGpuTrainSchema };
export type NeuralGpuSettings = SettingsUnder<typeof schema>;
