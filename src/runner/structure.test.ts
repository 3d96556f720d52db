import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Experiment, SettingsUnder } from '../experiments/experiment.js';
import { unplannedTrial } from '../experiments/unplanned.js';
import { trainSchema } from '../optimiser/settings.js';
import { structureOf } from './structure.js';

const schema = {
  data: z.strictObject({ maximum: z.int().default(5) }),
  model: z.strictObject({ units: z.int().default(8), initScale: z.number().default(1) }),
  train: trainSchema.extend({
    steps: z.int().default(10),
    dropout: z.number().default(0),
    curriculum: z.strictObject({ start: z.int(), period: z.int() }).default({ start: 1, period: 5 }),
  }),
};
type Own = SettingsUnder<typeof schema>;

/** As much of an experiment as structure is made of. */
const experiment = {
  name: 'toy',
  revision: 1,
  schema,
  metrics: { error: { description: 'Share of errors.', better: 'lower', kind: 'share' } },
  perReplica: { model: { initScale: true }, train: { dropout: true, curriculum: { start: true } } },
  structure: ({ train }) => ({ dropout: train.dropout > 0 }),
  budget: ({ train: { steps } }) => ({ steps, reportEvery: 5, evaluateEvery: 5 }),
} as Partial<Experiment<Own>> as Experiment<Own>;

type Changes = { data?: object; model?: object; train?: object };

function structure({ data, model, train }: Changes = {}) {
  const settings = {
    data: schema.data.parse({ ...data }),
    model: schema.model.parse({ ...model }),
    train: schema.train.parse({ batchSize: 4, rate: 0.1, dropout: 0.5, ...train }),
  };
  return structureOf(experiment, unplannedTrial(experiment, settings, 0));
}

const adam = { name: 'adam' };

test.each<[string, Changes]>([
  ['is named as its own', { model: { initScale: 2 } }],
  ['is named inside a map', { train: { curriculum: { start: 3, period: 5 } } }],
  ['is named, as long as the program stays the same', { train: { dropout: 0.1 } }],
  ['belongs to the optimiser', { train: { rate: 1, anneal: 0.5, clip: { at: 10 }, noise: { eta: 1 } } }],
])('replicas may differ in what %s', (_, changes) => {
  expect(structure(changes)).toEqual(structure());
});

test.each<[string, Changes]>([
  ['data', { data: { maximum: 6 } }],
  ['a setting of the model that nobody named', { model: { units: 9 } }],
  ['a setting of the training that nobody named', { train: { curriculum: { start: 1, period: 10 } } }],
  ['batch size', { train: { batchSize: 5 } }],
  ['budget', { train: { steps: 11 } }],
  ['kind of optimiser', { train: { optimiser: adam } }],
  ['kind of clipping', { train: { clip: { by: 'tensor-norm', at: 10 } } }],
  ['what a named setting makes of the program', { train: { dropout: 0 } }],
])('another %s is another population', (_, changes) => {
  expect(structure(changes)).not.toEqual(structure());
});

test("numbers of one optimiser are each replica's own", () => {
  const of = (epsilon: number) => structure({ train: { optimiser: { ...adam, epsilon } } });
  expect(of(0.1)).toEqual(of(1e-8));
});
