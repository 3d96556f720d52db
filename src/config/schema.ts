import { z } from 'zod';
import { because } from '../experiments/bounds.js';
import type { Experiment } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import { canonicalJson } from '../json.js';
import { parseSeedRanges, type Seeds } from '../trials/seeds.js';
import { TABLE_ROWS, TABLE_TESTS } from './config.js';
import { MAX_TRIALS } from './limits.js';
import { deepPartial, dottedPaths } from './shape.js';

/** The sections that describe a trial, in the order in which a config has them. */
export const SECTIONS = ['data', 'model', 'train', 'success'] as const;

/** Of settings, arms and profiles; a profile's is a folder's as well. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/);

const seeds = z
  .union([z.int(), z.string(), z.array(z.int())])
  .superRefine(explainSeeds)
  .describe('One seed (5), a list ([1, 2, 3]) or ranges (0-19 or "0-3,7").');

const title = z.string().min(1).max(200).describe('What tables call it.');
const paper = z.string().min(1).max(100).describe("The paper's table that this answers to, e.g. table-1.");
const population = because(
  `no config has more than ${MAX_TRIALS} trials`,
  z.int().positive().max(MAX_TRIALS),
).describe('Most trials trained in lockstep; by default as many as the memory holds.');

/** What the command line may set beside a trial's sections. */
export const scaleSchema = z.strictObject({ seeds: seeds.optional(), population: population.optional() });

/** What a trial's sections must be once everything is merged: nothing missing, nothing unknown. */
export const trialSchema = oncePerExperiment(makeTrialSchema);
export type TrialSchema = ReturnType<typeof trialSchema>;

/** What a config file of an experiment may hold. Sections may be incomplete: settings and arms add to them. */
export const fileSchema = oncePerExperiment(makeFileSchema);

function makeTrialSchema(experiment: Experiment) {
  const success = criterion(experiment).describe('When a trial counts as a success, at the end of training.');
  return z.strictObject({ ...experiment.schema, success });
}

function criterion(experiment: Experiment) {
  return z
    .strictObject({
      metric: z.enum(Object.keys(experiment.metrics)).describe(metricsText(experiment)),
      above: z.number().optional().describe('Success is a metric above this.'),
      below: z.number().optional().describe('Success is a metric below this.'),
    })
    .refine(({ above, below }) => (above === undefined) !== (below === undefined), {
      error: 'needs one of above and below.',
    });
}

function makeFileSchema(experiment: Experiment): z.ZodObject {
  const trial = trialSchema(experiment);
  const sections = (deepPartial(trial) as z.ZodObject).shape;
  const grid = gridSchema(trial);
  const setting = z.strictObject({
    title: title.optional(),
    paper: paper.optional(),
    ...sections,
    grid: grid.optional(),
    seeds: seeds.optional(),
  });
  const arm = z.strictObject({
    title: title.optional(),
    only: z.array(z.string()).min(1).optional().describe('The settings that have this arm; by default all.'),
    ...sections,
  });
  const only = z
    .strictObject({
      settings: z.array(z.string()).min(1).optional().describe('The settings that are left.'),
      arms: z.array(z.string()).min(1).optional().describe('The arms that are left.'),
    })
    .describe('Leaves out all other settings and arms.');
  const named = (schema: z.ZodType) => z.record(name, schema.nullable());
  const table = z
    .strictObject({
      rows: z
        .enum(TABLE_ROWS)
        .optional()
        .describe('arms: a row for each arm; points: one for each point of the grid, the best first.'),
      columns: z
        .array(z.enum(Object.keys(experiment.metrics)))
        .min(1)
        .optional()
        .describe(`Metrics whose averages stand beside the success metric.\n${metricsText(experiment)}`),
      counts: z
        .array(criterion(experiment))
        .min(1)
        .optional()
        .describe('Further criteria: how many trials meet each at the end of training.'),
      test: z
        .enum(TABLE_TESTS)
        .optional()
        .describe(
          'Corrects the p-values of this test for the number of comparisons in the table. mcnemar: paired successes; ' +
            'fisher: successes that are not paired; wilcoxon: paired differences of the success metric.',
        ),
    })
    .describe('What the table shows; does not change any trial.');
  const profile = z.strictObject({
    title: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('What its scale is, e.g. "desk scale: 4 seeds, 40 epochs"; tables print it.'),
    only: only.optional(),
    ...sections,
    settings: named(setting).optional().describe('Changes to single settings.'),
    arms: named(arm).optional().describe('Changes to single arms.'),
    grid: grid.optional(),
    seeds: seeds.optional(),
    population: population.optional(),
  });
  return z.strictObject({
    experiment: z.literal(experiment.name).describe('What is trained: task, model, metrics.'),
    description: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('What this config reproduces, in a sentence.'),
    paper: paper.optional(),
    table: table.optional(),
    ...sections,
    settings: notEmpty(named(setting)).optional().describe('Row blocks of the table: overlays by name.'),
    arms: notEmpty(named(arm)).optional().describe('How trials are trained: overlays by name.'),
    grid: grid.optional(),
    seeds: seeds.optional(),
    population: population.optional(),
    profiles: named(profile)
      .optional()
      .describe('Overlays that change the scale only, chosen with --profile.'),
  });
}

/** JSON Schema (draft 7, which editors know best) of the config files of all experiments. */
export function jsonSchema(experiments: ReadonlyMap<string, Experiment>): Json {
  const files = Object.fromEntries(
    [...experiments].map(([key, experiment]) => [key, fileSchema(experiment)]),
  );
  // One conversion for all, so that what is used repeatedly is written once, under `definitions`.
  const { properties = {}, definitions } = z.toJSONSchema(z.object(files), {
    target: 'draft-07',
    io: 'input',
    reused: 'ref',
  });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'gnoise config',
    description: 'An experiment with its settings, arms, grid, seeds, budget and profiles.',
    type: 'object',
    required: ['experiment'],
    properties: { experiment: { enum: [...experiments.keys()], description: 'What is trained.' } },
    allOf: Object.entries(properties).map(([key, file]) => ({
      if: { required: ['experiment'], properties: { experiment: { const: key } } },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword.
      then: file as Json,
    })),
    definitions: definitions as unknown as Json,
  };
}

/** A list of values for every dotted path of the sections; success is not something to sweep over. */
function gridSchema(trial: z.ZodObject): z.ZodType {
  const axes = dottedPaths(trial)
    .filter(([path]) => path.includes('.') && !path.startsWith('success.'))
    .map(([path, schema]) => [path, axisSchema(schema).optional()]);
  return z
    .strictObject(Object.fromEntries(axes))
    .describe(
      'Dotted path -> list of values; every combination is trained. Replaces the grid below it as a whole.',
    );
}

function axisSchema(value: z.ZodType): z.ZodType {
  const bare =
    value instanceof z.ZodDefault || value instanceof z.ZodOptional || value instanceof z.ZodExactOptional
      ? (value.unwrap() as z.ZodType)
      : value;
  const distinct = (values: readonly unknown[]) =>
    new Set(values.map((v) => canonicalJson(v as Json))).size === values.length;
  return z.array(bare).min(1).refine(distinct, { error: 'a value is there twice.' });
}

function notEmpty(names: z.ZodType): z.ZodType {
  return names.refine((value) => Object.keys(value as object).length > 0, {
    error: 'needs at least one entry.',
  });
}

function explainSeeds(value: Seeds, context: z.RefinementCtx): void {
  try {
    parseSeedRanges(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}

/** Schemas take a while to build, and every profile of every config needs them. */
function oncePerExperiment<Schema extends z.ZodType>(make: (experiment: Experiment) => Schema) {
  const made = new WeakMap<Experiment, Schema>();
  return (experiment: Experiment): Schema => {
    const schema = made.get(experiment) ?? make(experiment);
    made.set(experiment, schema);
    return schema;
  };
}

function metricsText({ metrics }: Experiment): string {
  return Object.entries(metrics)
    .map(([key, { description }]) => `${key}: ${description}`)
    .join('\n');
}
