import { TAPS, WIDTH } from '../../ops/patches.js';
import { optimiserStructure } from '../../optimiser/chain.js';
import type { Experiment } from '../experiment.js';
import { LAYERS, PARTS } from './band.js';
import { drawSize } from './curriculum.js';
import { drawTestSets, type TestSets } from './examples.js';
import { parametersOf } from './network.js';
import { neuralGpuProgram } from './program.js';
import { dataSchema, modelSchema, type NeuralGpuSettings, neuralGpuTrainSchema } from './settings.js';
import { tasks } from './tasks.js';

/** Neural GPUs on binary multiplication: section 4.5 and table 6 of the paper. */
export const multiplication = neuralGpuExperiment('multiplication');

/** Neural GPUs on their other algorithms: addition, copy, reverse, duplicate, sort. */
export const neuralGpu = neuralGpuExperiment('neural-gpu');

/** The largest length whose dropout streams fit into those of one update. */
const LONGEST_TRAINED = 1000;

function neuralGpuExperiment(name: string): Experiment<NeuralGpuSettings, TestSets> {
  return {
    name,
    revision: 1,
    schema: { data: dataSchema, model: modelSchema, train: neuralGpuTrainSchema },
    metrics: {
      testError: 'Share of the test sequences, of data.testSize, with at least one wrong symbol.',
      testBitError: 'Share of wrong symbols in them.',
      trainedError:
        'Share of sequences of data.maximum with a wrong symbol; there are few of a small size, mostly trained on.',
      trainedBitError: 'Share of wrong symbols in them.',
      level: 'Largest size that the curriculum has reached.',
    },

    check({ data, train }) {
      const problems: { path: string; message: string }[] = [];
      const longest = tasks[data.task].length(data.maximum);
      if (longest > LONGEST_TRAINED) {
        const message = `makes sequences of ${longest} positions; at most ${LONGEST_TRAINED} can be trained on`;
        problems.push({ path: 'data.maximum', message });
      }
      const { period } = train.curriculum;
      if (train.evaluateEvery % period !== 0) {
        const message = `must be a multiple of train.curriculum.period (${period}), got ${train.evaluateEvery}`;
        problems.push({ path: 'train.evaluateEvery', message });
      }
      if (train.noise !== 'none' && 'scaledBy' in train.noise && train.optimiser.name !== 'adam') {
        const message = `is for adam only, not for ${train.optimiser.name}`;
        problems.push({ path: 'train.noise.scaledBy', message });
      }
      return problems;
    },

    structure: ({ data, model, train }) => ({
      maps: model.maps,
      sets: model.sets,
      batchSize: train.batchSize,
      steps: train.steps,
      evaluateEvery: train.evaluateEvery,
      period: train.curriculum.period,
      dropout: train.dropout > 0,
      data,
      ...(optimiserStructure(train) as object),
    }),

    budget: ({ train }) => ({
      steps: train.steps,
      reportEvery: train.curriculum.period,
      evaluateEvery: train.evaluateEvery,
    }),

    bytesPerReplica({ data, model, train }) {
      const weights = parametersOf(model).reduce(
        (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
        0,
      );
      const n = tasks[data.task].length(data.maximum);
      const C = WIDTH * model.maps;
      const image = C * n * train.batchSize;
      const band = LAYERS * TAPS * C * PARTS * C;
      // Of every step: each CGRU's state, two gates and candidate, the dropout's mask and result, and the gradients of all
      // states, which TensorFlow.js frees only at the end, like those of the weights that a step has used; two more images
      // for each CGRU, which dry runs of the paper's size show.
      const perStep = image * (LAYERS * 4 + LAYERS * 3 + 1 + (train.dropout > 0 ? 3 : 0)) + band;
      // Parameters, moments and the chain's intermediate results; band matrices with their gradients; passing images.
      return 4 * (16 * weights + 8 * model.sets * band + n * perStep + 20 * image);
    },

    calibrating: {
      // The curriculum's end from the first update on, and a test of one sequence.
      settings: ({ data, model, train }) => ({
        data: { ...data, testExamples: 1 },
        model,
        train: { ...train, curriculum: { ...train.curriculum, start: data.maximum } },
      }),
      // As many steps as positions.
      work:
        ({ data }) =>
        (step) =>
          tasks[data.task].length(drawSize(step)(data.maximum, data.maximum)) ** 2,
      testWork: ({ data }) => data.testExamples,
    },

    openData: async (data) => drawTestSets(data),
    program: neuralGpuProgram,
  };
}
