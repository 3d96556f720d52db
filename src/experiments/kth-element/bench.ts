import * as tf from '@tensorflow/tfjs';
import { Population } from '../../trainer/population.js';
import type { Trial } from '../../trials/trial.js';
import type { Experiment } from '../experiment.js';
import { testSet } from './examples.js';
import { kthElement } from './experiment.js';
import { dataSchema, kthElementTrainSchema, modelSchema } from './settings.js';

/** A population in training; `step` advances every replica by one update. */
export interface BenchedStep {
  step(): void;
  /** Waits until the device has done all steps. */
  finish(): Promise<void>;
  dispose(): void;
}

/**
 * Random-access machines on ListK with lists of up to 3: 9 cells, 4 registers, 6 time steps, an LSTM of 32 units, batches
 * of 50, with clipping, noise and Adam.
 */
export function kthElementStep(replicas: number): BenchedStep {
  const data = dataSchema.parse({ task: 'ListK', memory: 9, maximum: 3, testExamples: 1 });
  const settings = {
    data,
    model: modelSchema.parse({ units: 32, registers: 4, steps: 6 }),
    train: kthElementTrainSchema.parse({
      batchSize: 50,
      rate: 0.003,
      optimiser: { name: 'adam' },
      clip: { at: 100 },
      noise: { eta: 0.3 },
      activationClip: 30,
      updates: 1,
    }),
  };
  const trials = Array.from(
    { length: replicas },
    (_, seed) => ({ id: `${seed}`, description: { ...settings, seed } }) as unknown as Trial,
  );
  const population = new Population(kthElement as unknown as Experiment, trials, testSet(data));
  return {
    step: () => population.update(),
    async finish() {
      await tf.tidy(() => tf.sum(population.parameters[0]!)).data();
    },
    dispose: () => population.dispose(),
  };
}
