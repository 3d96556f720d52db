import { optimiserStructure } from '../../trainer/optimiser.js';
import type { Experiment } from '../experiment.js';
import { LAYERS } from './band.js';
import { WIDTH } from './convolution.js';
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
        'Share of fresh sequences of data.maximum, the largest size trained on, with a wrong symbol.',
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
      const image = WIDTH * model.maps * n * train.batchSize;
      // Kept for the way back: of every CGRU its state, two gates and the candidate; of every step the dropout's mask.
      const perStep = LAYERS * 4 + (train.dropout > 0 ? 2 : 0);
      // Parameters, moments, the chain's intermediate results; kernels as band matrices (16/9 as large), and gradients.
      return 4 * (16 * weights + image * (n * perStep + 20));
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
