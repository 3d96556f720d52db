import { z } from 'zod';
import { trainSchema } from '../../optimiser/settings.js';
import { partCount, testSeed, updateCount } from '../common-settings.js';
import type { SettingsUnder } from '../experiment.js';

/** The tasks of NRAM section 4.2 that are here, by difficulty; the paper's experiment is ListK. */
export const taskNames = ['ListK', 'Access', 'Increment', 'Copy', 'Reverse', 'Swap'] as const;
export type TaskName = (typeof taskNames)[number];

export const dataSchema = z.strictObject({
  task: z.enum(taskNames).default('ListK').describe('What the machine has to compute.'),
  memory: z
    .int()
    .min(3)
    .describe('Cells of the memory tape; integers and addresses are both 0 .. memory - 1.'),
  maximum: z.int().positive().describe('The largest difficulty: length of the list or array.'),
  testExamples: z
    .int()
    .positive()
    .default(1000)
    .describe('Examples of the fixed test set; their difficulties are uniform in 1 .. maximum.'),
  testSeed,
});

export const modelSchema = z.strictObject({
  controller: z
    .enum(['lstm', 'mlp'])
    .default('lstm')
    .describe('lstm: a hidden layer, then an LSTM; mlp: two hidden layers.'),
  units: z.int().positive().describe('Units in each layer of the controller.'),
  registers: partCount.describe('Registers of the machine.'),
  steps: partCount.min(2).describe('Time steps after which the machine is stopped (T).'),
  repetitions: partCount.default(1).describe('How often the list of 14 modules is run in a time step.'),
  outputScale: z
    .number()
    .nonnegative()
    .default(0.1)
    .describe('Output weights start with this standard deviation, divided by the root of the layer width.'),
  haltBias: z
    .number()
    .default(-2)
    .describe('Starting bias of the stop logit x; -2 stops with probability 0.12 after each step.'),
  epsilon: z.number().positive().default(1e-6).describe('The cost takes the logarithm of at least this.'),
});

const entropy = z.strictObject({
  coefficient: z.number().nonnegative().describe('Weight of the bonus at the first update; 0 is none.'),
  decay: z.number().positive().max(1).describe('Factor on the weight after every update.'),
});

const curriculum = z.strictObject({
  start: z.int().positive().default(2).describe('Level D at the first update.'),
  threshold: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe('D is raised when the share of wrong answer cells at difficulties up to D is below this.'),
  gap: z
    .int()
    .positive()
    .default(100)
    .describe('Updates between two looks at that share, each over all batches since the last look.'),
});

export const kthElementTrainSchema = trainSchema.extend({
  updates: updateCount,
  evaluateEvery: z
    .int()
    .positive()
    .default(500)
    .describe('Updates between two tests, a multiple of curriculum.gap; the last is always tested.'),
  loss: z
    .enum(['sum', 'mean'])
    .default('sum')
    .describe('Whether the loss, and with it the gradient, is summed or averaged over the batch.'),
  activationClip: z
    .number()
    .positive()
    .describe(
      "Limit of every entry of the gradient of one example's loss with respect to registers, memory and modules.",
    ),
  entropy: entropy.default({ coefficient: 0.01, decay: 0.999 }),
  curriculum: curriculum.default({ start: 2, threshold: 0.1, gap: 100 }),
});

export const schema = { data: dataSchema, model: modelSchema, train: kthElementTrainSchema };
export type KthElementSettings = SettingsUnder<typeof schema>;
