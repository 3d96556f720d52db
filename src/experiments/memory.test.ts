import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load.js';
import { registerWasmKernels } from '../kernels/wasm/index.js';
import { planTrials } from '../planning/plan.js';
import { calibrate } from '../runner/calibration.js';
import { structureOf } from '../runner/structure.js';
import { settingsOf } from '../trainer/settings.js';
import type { DataContext } from './experiment.js';
import { experiments } from './index.js';

const context: DataContext = { folders: [], offline: true, notice() {} };

/** Data that is at hand everywhere and, where its amount does not matter to an update, small. */
const AT_HAND: { readonly [config: string]: readonly string[] } = {
  mnist20: ['data.source=synthetic-digits', 'data.trainExamples=200', 'data.testExamples=1'],
  babi: ['data.source=generated', 'data.trainQuestions=100', 'data.testQuestions=1', 'train.batchSize=4'],
};

/** A trial of every structure that a config has. */
function trialsOf(config: string, profile: string) {
  const set = AT_HAND[config] ?? [];
  const loaded = loadConfig(`configs/${config}.yaml`, experiments, {
    profile,
    set,
    seeds: { option: '--seeds', text: '0' },
  });
  const { experiment } = loaded;
  const trials = planTrials(loaded, (data) => data);
  const alike = new Map(trials.map((trial) => [JSON.stringify(structureOf(experiment, trial)), trial]));
  return { experiment, trials: [...alike.values()] };
}

beforeAll(async () => {
  await tf.setBackend('wasm');
  await registerWasmKernels();
});

/** Where ops have kernels of their own, and where they are composed; sizes for which that is quick. */
const CASES = [
  ['wasm', 'desk', 'mnist20'],
  ['wasm', 'desk', 'multiplication'],
  ['wasm', 'desk', 'neural-gpu'],
  ['wasm', 'desk', 'kth-element'],
  ['cpu', 'smoke', 'mnist20'],
  ['cpu', 'smoke', 'babi'],
  ['cpu', 'smoke', 'multiplication'],
  ['cpu', 'smoke', 'kth-element'],
] as const;

describe('the memory that a replica is reckoned to take', () => {
  it.each(CASES)('is about what an update takes at its peak: %s, %s %s', async (backend, profile, config) => {
    await tf.setBackend(backend);
    const { experiment, trials } = trialsOf(config, profile);
    for (const trial of trials) {
      const reckoned = experiment.bytesPerReplica(settingsOf(experiment, trial.description));
      const { bytesPerReplica: measured } = await calibrate(experiment, [trial], context, 0);
      const what = `${trial.setting}, ${trial.arm}: measured ${measured}`;
      // Only half of the free memory is planned with; sentences are reckoned to be as long as in the longest task.
      expect(reckoned, what).toBeGreaterThan(0.8 * measured);
      expect(reckoned, what).toBeLessThan(4 * measured);
    }
  });

  it.each(['babi', 'table-qa'])(
    'is never too little where kernels make the largest part of it needless: wasm, desk %s',
    async (config) => {
      await tf.setBackend('wasm');
      const { experiment, trials } = trialsOf(config, 'desk');
      const { bytesPerReplica: measured } = await calibrate(experiment, [trials[0]!], context, 0);
      const reckoned = experiment.bytesPerReplica(settingsOf(experiment, trials[0]!.description));
      expect(reckoned).toBeGreaterThan(measured);
    },
  );

  it.each(['mnist20', 'babi', 'multiplication', 'neural-gpu', 'kth-element', 'table-qa'])(
    'at the least is no reason to refuse what an update can do with: %s',
    async (config) => {
      await tf.setBackend('wasm');
      const { experiment, trials } = trialsOf(config, 'desk');
      const { bytesPerReplica: measured } = await calibrate(experiment, [trials[0]!], context, 0);
      const settings = settingsOf(experiment, trials[0]!.description);
      const least = experiment.leastBytes?.(settings) ?? experiment.bytesPerReplica(settings);
      expect(least).toBeLessThan(1.5 * measured);
      expect(least).toBeGreaterThan(0.5 * measured);
    },
  );
});
