import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Experiment } from '../experiments/experiment.js';
import { trainSchema } from '../optimiser/settings.js';
import type { Config } from './config.js';
import { loadConfig, type Overrides } from './load.js';

/** An experiment of which only the part that configs need is there. */
export const toy = {
  name: 'toy',
  revision: 1,
  schema: {
    data: z.strictObject({
      source: z.enum(['digits', 'letters']).describe('What is learnt.'),
      examples: z.int().min(1).max(1000).default(100).describe('How many.'),
    }),
    model: z.strictObject({
      layers: z.int().positive().default(2).describe('Hidden layers.'),
      init: z.enum(['simple', 'zero']).describe('Starting weights.'),
    }),
    train: trainSchema.extend({ epochs: z.int().positive().describe('Passes over the data.') }),
  },
  metrics: {
    accuracy: { description: 'share of right answers', better: 'higher', kind: 'share' },
    error: { description: 'share of wrong answers', better: 'lower', kind: 'share' },
  },
  check: ({ data, train }) =>
    train.batchSize > (data.examples as number)
      ? [{ path: 'train.batchSize', message: 'a batch cannot be larger than the data.' }]
      : [],
  perReplica: { model: { init: true } },
} as Partial<Experiment> as Experiment;

export const experiments: ReadonlyMap<string, Experiment> = new Map([
  ['toy', toy],
  ['other', { ...toy, name: 'other' }],
]);

/** A sound config: 2 settings x 3 arms (one of them in one setting only), 2 rates, 3 seeds. */
export const SOUND = `experiment: toy
description: A toy.
data: { source: digits }
model: { init: simple }
train:
  batchSize: 10
  rate: 0.1
  epochs: 5
success: { metric: accuracy, above: 0.9 }
settings:
  plain:
  deep: { title: Deep, model: { layers: 20 }, train: { clip: { at: 10 } } }
arms:
  no-noise:
  with-noise: { train: { noise: { eta: 0.01 } } }
  adam: { only: [deep], train: { optimiser: { name: adam } } }
grid:
  train.rate: [0.1, 0.01]
seeds: 0-2
profiles:
  smoke:
    title: smoke scale
    train: { epochs: 1 }
    seeds: 0
    grid: {}
    only: { settings: [deep] }
`;

/** Writes a config into a new folder. */
export function configFile(text: string | Uint8Array, name = 'toy.yaml'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'gnoise config ü-')), name);
  writeFileSync(file, text);
  return file;
}

export function load(text: string, overrides: Overrides = {}): Config {
  return loadConfig(configFile(text), experiments, overrides);
}
