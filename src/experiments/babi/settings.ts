import { z } from 'zod';
import { trainSchema } from '../../optimiser/settings.js';
import { evaluateEveryEpochs, partCount } from '../common-settings.js';
import type { SettingsUnder } from '../experiment.js';

export const dataSchema = z.strictObject({
  source: z
    .enum(['babi', 'generated'])
    .describe('babi: the published tasks; generated: tasks like them, drawn by gnoise.'),
  test: z
    .enum(['same', 'babi'])
    .default('same')
    .describe('babi: tests on the published questions, also where the training questions are generated.'),
  fallback: z
    .enum(['generated', 'none'])
    .default('none')
    .describe('What stands in where bAbI can neither be found nor fetched; tables keep it apart.'),
  tasks: z
    .array(z.int().min(1).max(20))
    .min(1)
    .refine((tasks) => new Set(tasks).size === tasks.length, { error: 'a task is there twice.' })
    .describe('The tasks that one network learns, 1 to 20; several are learned jointly.'),
  trainQuestions: z
    .int()
    .min(10)
    .max(1000)
    .default(1000)
    .describe(
      'The first so many training questions of each task; a tenth of them is held out for validation.',
    ),
  testQuestions: z
    .int()
    .min(1)
    .max(1000)
    .default(1000)
    .describe('The first so many test questions of each task.'),
});

export const modelSchema = z.strictObject({
  width: z.int().positive().describe('Entries of an embedding: d.'),
  hops: partCount.default(3).describe('Look-ups of the memory per question: K.'),
  memory: z.int().positive().default(50).describe('Most statements kept in memory, the latest ones.'),
  encoding: z
    .enum(['position', 'bag-of-words'])
    .default('position')
    .describe('Whether the place of a word in its sentence counts.'),
  deviation: z.number().positive().default(0.1).describe('Standard deviation of every weight at the start.'),
});

export const babiTrainSchema = trainSchema.extend({
  epochs: z.int().positive().describe('Epochs with the softmax over the memory.'),
  linearEpochs: z
    .int()
    .nonnegative()
    .default(0)
    .describe('Epochs without it, before them: the linear start. The rate is not halved meanwhile.'),
  halveEvery: z
    .int()
    .positive()
    .describe('Epochs between two halvings of the rate, which happen at the start of an epoch.'),
  timeNoise: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("Gaps in the statements' time, as a share of the story, at most."),
  evaluateEveryEpochs: evaluateEveryEpochs.default(10),
});

export const schema = { data: dataSchema, model: modelSchema, train: babiTrainSchema };
export type BabiSettings = SettingsUnder<typeof schema>;
