import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../json.js';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { structureOf } from '../runner/structure.js';
import { Population } from '../trainer/population.js';
import type { Trial } from '../trials/trial.js';
import type { DataContext, Experiment, Settings } from './experiment.js';
import { experiments } from './index.js';
import { unplannedTrial } from './unplanned.js';

/** Small settings of an experiment, and others that differ from them in all that is each replica's own. */
interface Example {
  readonly data: object;
  readonly model: object;
  readonly train: object;
  readonly others: readonly { readonly model?: object; readonly train?: object }[];
}

const neuralGpu: Example = {
  data: { task: 'copy', maximum: 6, testSize: 6, testExamples: 4 },
  model: { maps: 4, sets: 2 },
  train: {
    ...{ batchSize: 4, rate: 0.01, dropout: 0.2, steps: 8, evaluateEvery: 8 },
    curriculum: { start: 2, period: 2 },
  },
  others: [
    {
      model: { initScale: 0.5 },
      train: { dropout: 0.1, dropoutScaling: 'by-length', curriculum: { start: 6, period: 2 } },
    },
    {
      train: {
        curriculum: { start: 1, threshold: 1, period: 2 },
        relaxation: { pull: 0.1, factor: 2 },
      },
    },
  ],
};

const examples: { readonly [name: string]: Example } = {
  mnist20: {
    data: { source: 'synthetic-digits', trainExamples: 60, testExamples: 40 },
    model: { init: 'he', layers: 3, units: 8 },
    train: { batchSize: 10, rate: 0.1, dropout: 0.3, epochs: 2 },
    others: [
      { model: { init: 'simple', deviation: 0.3 }, train: { dropout: 0.5 } },
      { model: { init: 'sussillo' } },
    ],
  },
  babi: {
    data: { source: 'generated', tasks: [1], trainQuestions: 100, testQuestions: 20 },
    model: { width: 8 },
    train: { batchSize: 16, rate: 0.01, epochs: 2, halveEvery: 25 },
    others: [{ model: { deviation: 0.3 }, train: { timeNoise: 0.5 } }],
  },
  multiplication: neuralGpu,
  'neural-gpu': neuralGpu,
  'kth-element': {
    data: { task: 'Access', memory: 5, maximum: 3, testExamples: 20 },
    model: { units: 8, registers: 2, steps: 2 },
    train: {
      ...{ batchSize: 8, rate: 0.02, activationClip: 10, updates: 8, evaluateEvery: 8 },
      curriculum: { start: 2, gap: 2 },
    },
    others: [
      {
        model: { outputScale: 1, haltBias: 0 },
        train: {
          ...{ loss: 'mean', activationClip: 0.1, entropy: { coefficient: 1, decay: 0.5 } },
          curriculum: { start: 1, threshold: 1, gap: 2 },
        },
      },
    ],
  },
  'table-qa': {
    data: { trainExamples: 40, rows: { least: 3, most: 6, test: 8 }, testTemplates: 5 },
    model: { units: 6, initialScale: 0.8 },
    train: { batchSize: 10, rate: 0.01, delta: 10, lambda: 25, dropout: 0.2, updates: 8 },
    others: [
      {
        model: { initialScale: 0.5 },
        train: { delta: 50, lambda: 100, dropout: 0.5, recurrentDropout: 0.1 },
      },
    ],
  },
};

/** What is each replica's own under every experiment. */
const OPTIMISER = ['rate', 'anneal', 'clip', 'noise'].map((key) => ['train', key]);

const context: DataContext = { folders: [], offline: true, notice() {} };

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

it('every experiment has its example', () => {
  expect(Object.keys(examples).toSorted()).toEqual([...experiments.keys()].toSorted());
});

describe.each([...experiments])('replicas of %s', (name, experiment) => {
  const trials = trialsOf(experiment, examples[name]!);

  it('differ here in all that an experiment says is their own, and share a structure', () => {
    for (const path of [...namedBy(experiment.perReplica), ...OPTIMISER]) {
      const values = trials.map((trial) => JSON.stringify(valueAt(trial, path)));
      expect(new Set(values).size, path.join('.')).toBeGreaterThan(1);
    }
    const [first, ...others] = trials.map((trial) => structureOf(experiment, trial));
    for (const other of others) expect(other).toEqual(first);
  });

  it('come to the same in lockstep as alone', async () => {
    const together = await parametersAfter(experiment, trials);
    for (const [r, trial] of trials.entries()) {
      const alone = await parametersAfter(experiment, [trial]);
      for (const [i, values] of alone.entries()) {
        const own = together[i]!.subarray(r * values.length, (r + 1) * values.length);
        expect(furthest(own, values), `${experiment.name}, replica ${r}, tensor ${i}`).toBeLessThan(1e-5);
      }
    }
  });
});

function trialsOf({ schema, ...experiment }: Experiment, { data, model, train, others }: Example): Trial[] {
  const noisy = { rate: 0.003, anneal: 0.5, clip: { at: 1 }, noise: { eta: 1e-3 } };
  return [{}, ...others, { train: noisy }].map((own, seed) => {
    const settings: Settings = {
      data: schema.data.parse(data),
      model: schema.model.parse({ ...model, ...own.model }),
      train: schema.train.parse({ ...train, ...own.train }),
    };
    return unplannedTrial({ schema, ...experiment }, settings, seed);
  });
}

/** Parameters after some updates with reports between them. */
async function parametersAfter(experiment: Experiment, trials: readonly Trial[]): Promise<Float32Array[]> {
  const data = await experiment.openData(trials[0]!.description.data, context);
  const population = new Population(experiment, trials, data);
  for (let step = 1; step <= 8; step++) {
    population.update();
    if (step % 2 === 0) await population.report();
  }
  const values = population.parameters.map((t) => t.dataSync() as Float32Array);
  population.dispose();
  data.dispose();
  return values;
}

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

/** Paths to what a mask names: `[['train', 'curriculum', 'start'], ...]`. */
function namedBy(mask: object): string[][] {
  return Object.entries(mask).flatMap(([key, below]) =>
    below === true ? [[key]] : namedBy(below).map((path) => [key, ...path]),
  );
}

function valueAt({ description }: Trial, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, key) => (value as { [key: string]: Json } | undefined)?.[key],
    description,
  );
}
