import type { Outcome, TrialRecord } from '../results/record.js';
import { type Trial, type TrialDescription, trialId } from '../trials/trial.js';
import type { TableConfig } from './plan.js';

/** Hand-made configs, trials and records for tests. */

export const exampleConfig: TableConfig = {
  name: 'mnist20',
  description: 'Deep MNIST',
  experiment: {
    metrics: {
      testAccuracy: { description: 'share of right answers', better: 'higher', kind: 'share' },
      level: { description: 'level reached', better: 'higher', kind: 'count' },
    },
  },
  table: { rows: 'arms', columns: [] },
  file: 'configs/mnist20.yaml',
  profile: { name: 'desk', title: '2 seeds instead of 20' },
  settings: [
    { name: 'simple-no-clip', title: 'Simple Init, no clipping', paper: 'table-1' },
    { name: 'zero-clip-10', title: 'Zero init, clip 10', paper: 'table-1' },
    { name: 'five-layers', title: 'Five layers', paper: null },
  ],
  arms: [
    { name: 'no-noise', title: 'no noise' },
    { name: 'with-noise', title: 'with noise' },
    { name: 'dropout', title: 'dropout' },
  ],
};

export interface Example {
  setting?: string;
  arm?: string;
  rate?: number;
  seed?: number;
  source?: string;
  revision?: number;
  profile?: string;
  config?: string;
}

export function exampleTrial({
  setting = 'zero-clip-10',
  arm = 'no-noise',
  rate = 0.1,
  seed = 0,
  source = 'mnist',
  revision = 1,
  profile = 'desk',
  config = 'mnist20',
}: Example = {}): Trial {
  const description: TrialDescription = {
    experiment: 'mnist20',
    revision,
    data: { source },
    model: { setting },
    train: { rate, arm, ...(arm === 'with-noise' ? { noise: { eta: 0.01, gamma: 0.55 } } : {}) },
    success: { metric: 'testAccuracy', above: 0.9 },
    seed,
  };
  return {
    id: trialId(description),
    config,
    profile,
    setting,
    arm,
    variation: { 'train.rate': rate },
    description,
  };
}

/** A record that reached `accuracy` in the end; it succeeded above 0.9 unless another outcome is given. */
export function exampleRecord(example: Example, accuracy: number, outcome?: Outcome): TrialRecord {
  return {
    format: 1,
    ...exampleTrial(example),
    outcome: outcome ?? (accuracy > 0.9 ? { kind: 'succeeded' } : { kind: 'missed' }),
    metrics: { testAccuracy: accuracy },
    curve: [{ step: 600, loss: 2.3, metrics: { testAccuracy: accuracy } }],
    provenance: {
      gnoise: '0.1.0',
      node: 'v20.20.2',
      tfjs: '4.22.0',
      backend: 'wasm',
      device: 'cpu',
      tensorflow: null,
      commit: null,
      dirty: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:01:00.000Z',
      seconds: 60,
      population: 8,
    },
  };
}
