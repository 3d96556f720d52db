import { z } from 'zod';
import { trainSchema } from '../../optimiser/settings.js';
import { STEP_LIMIT, TENSOR_LIMIT } from '../../random/streams.js';
import { because } from '../bounds.js';
import { dropoutRate, testSeed, updateCount } from '../common-settings.js';
import type { SettingsUnder } from '../experiment.js';

/** The four kinds of question; a question's kind is drawn first, uniformly. [NP section 3.1.2] */
export const categories = ['simple', 'comparison', 'logic', 'arithmetic'] as const;
export type Category = (typeof categories)[number];

/** Of numbers in tables: `drawNumber` makes them whole numbers of hundredths below 2^32. */
const range = because('numbers have two decimals and 32 bits', z.number().positive().max(20_000_000));

const rows = z.strictObject({
  least: z.int().positive().describe('Fewest rows of a training table.'),
  most: z.int().positive().describe('Most rows of a training table.'),
  test: z.int().positive().describe('Rows of every test table.'),
});

export const dataSchema = z.strictObject({
  numericColumns: z
    .int()
    .min(1)
    .max(10)
    .default(1)
    .describe('Numeric columns: 1 to this many in training, exactly this many in the test.'),
  textColumns: z
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe('Text columns: 1 to this many in training, exactly this many in the test; 0 is none.'),
  wordVariability: z
    .boolean()
    .default(false)
    .describe('Whether a question may name an operation by any of its synonyms.'),
  categories: z
    .array(z.enum(categories))
    .min(1)
    .default([...categories])
    .describe('The kinds of question to train and test on.'),
  trainExamples: because(
    `every example has a random stream of its own, and there are ${STEP_LIMIT}`,
    z.int().positive().max(STEP_LIMIT),
  )
    .default(50_000)
    .describe('Size of the training set; every seed has its own.'),
  rows: rows.default({ least: 30, most: 100, test: 120 }),
  trainRange: range.default(100).describe('Training numbers are uniform in +- this.'),
  testRange: range.default(200).describe('Test numbers are uniform in +- this.'),
  testTemplates: z
    .int()
    .positive()
    .default(20_000)
    .describe('At most so many test templates; where there are more, a random choice of them.'),
  tablesPerTemplate: z
    .int()
    .positive()
    .default(1)
    .describe('Tables for every test template; the first of them make up the unique test questions.'),
  testSeed,
});

export const modelSchema = z.strictObject({
  units: z.int().positive().default(256).describe('d, the size of all vectors.'),
  steps: because(
    `the dropout of every step takes two of an update's ${TENSOR_LIMIT} random streams`,
    z.int().min(3).max(500),
  )
    .default(4)
    .describe(
      'T, the operations applied one after the other; differences and questions with two conditions take 4.',
    ),
  bidirectional: z
    .boolean()
    .default(false)
    .describe('Whether the question is read in both directions, with units / 2 for each.'),
  pivots: z
    .enum(['literal', 'learnable'])
    .default('literal')
    .describe(
      'literal: compare with the expected number, which passes no gradient; learnable: expect the comparisons.',
    ),
  initialScale: z.number().positive().default(0.1).describe('Every parameter starts uniformly in +- this.'),
});

export const tableQaTrainSchema = trainSchema.extend({
  updates: updateCount,
  evaluateEvery: z.int().positive().default(1000).describe('Updates between two tests.'),
  delta: z.number().positive().describe('Where the Huber loss of scalar answers turns linear.'),
  lambda: z.number().positive().describe('Weight of the loss of lookup answers.'),
  dropout: dropoutRate.describe(
    'Probability of dropping inputs and outputs of the question RNN, selector units, vectors.',
  ),
  recurrentDropout: dropoutRate.describe('Probability of dropping recurrent connections.'),
});

export const schema = { data: dataSchema, model: modelSchema, train: tableQaTrainSchema };
export type TableQaSettings = SettingsUnder<typeof schema>;
