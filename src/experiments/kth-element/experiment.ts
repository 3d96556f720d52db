import { optimiserStructure } from '../../optimiser/chain.js';
import type { Experiment } from '../experiment.js';
import { parametersOf } from './controller.js';
import { exampleAt, type TestSet, testSet } from './examples.js';
import { logitCount } from './layout.js';
import { kthElementProgram } from './program.js';
import { dataSchema, type KthElementSettings, kthElementTrainSchema, modelSchema } from './settings.js';
import { tasks } from './tasks.js';
import { explainRun } from './trace.js';

/** Neural random-access machines that find the k-th element of a linked list: section 4.4 and table 5 of the paper. */
export const kthElement: Experiment<KthElementSettings, TestSet> = {
  name: 'kth-element',
  revision: 1,
  schema: { data: dataSchema, model: modelSchema, train: kthElementTrainSchema },
  metrics: {
    testError: 'Share of the answer cells of the test set that are wrong.',
    testCost: 'Mean cost per test example, in nats, without the entropy bonus.',
    discreteError: 'The same share when every choice is replaced by the most probable one.',
    level: 'Level D that the curriculum has reached.',
  },

  check({ data, train }) {
    const problems: { path: string; message: string }[] = [];
    const cells = tasks[data.task].cells(data.maximum);
    if (data.memory < cells) {
      const message = `must be at least ${cells} for ${data.task} up to difficulty ${data.maximum}, got ${data.memory}`;
      problems.push({ path: 'data.memory', message });
    }
    const { gap } = train.curriculum;
    if (train.evaluateEvery % gap !== 0) {
      const message = `must be a multiple of train.curriculum.gap (${gap}), got ${train.evaluateEvery}`;
      problems.push({ path: 'train.evaluateEvery', message });
    }
    return problems;
  },

  structure: ({ data, model, train }) => ({
    data,
    controller: model.controller,
    units: model.units,
    registers: model.registers,
    steps: model.steps,
    repetitions: model.repetitions,
    epsilon: model.epsilon,
    batchSize: train.batchSize,
    updates: train.updates,
    evaluateEvery: train.evaluateEvery,
    gap: train.curriculum.gap,
    ...(optimiserStructure(train) as object),
  }),

  budget: ({ train }) => ({
    steps: train.updates,
    reportEvery: train.curriculum.gap,
    evaluateEvery: train.evaluateEvery,
  }),

  bytesPerReplica({ data, model, train }) {
    const weights = parametersOf(model).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const perStep =
      2 * logitCount(model) + 8 * model.units + data.memory * (model.registers + 3 * data.memory);
    // Parameters, Adam's moments and the chain's intermediate results; then what the way back needs.
    return 4 * (8 * weights + 3 * train.batchSize * model.steps * perStep);
  },

  openData: async (data) => testSet(data),
  explain: (parameters, { data, model }, { examples }, example) =>
    explainRun(model, parameters, exampleAt(examples, example % data.testExamples)),
  program: kthElementProgram,
};
