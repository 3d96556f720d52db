import { optimiserStructure } from '../../optimiser/chain.js';
import type { Experiment } from '../experiment.js';
import { columnCount, sizesOf } from './encoding.js';
import { TEXT_WORDS } from './grammar.js';
import { parametersOf } from './network.js';
import { isDropping, tableQaProgram } from './program.js';
import { type TestSet, testSet } from './questions.js';
import { dataSchema, modelSchema, type TableQaSettings, tableQaTrainSchema } from './settings.js';
import { explain } from './trace.js';

/** Updates between two reports, where that divides the updates between two tests. */
const REPORT_EVERY = 100;

/** Neural Programmers that answer questions about tables: section 4.3 and table 4 of the paper. */
export const tableQa: Experiment<TableQaSettings, TestSet> = {
  name: 'table-qa',
  revision: 1,
  schema: { data: dataSchema, model: modelSchema, train: tableQaTrainSchema },
  metrics: {
    testAccuracy: 'Share of the unique test questions answered right, with hard selection.',
    bestTestAccuracy: 'The highest testAccuracy of all tests so far.',
    templatesSolved: 'Share of the test templates answered right on each of their tables.',
    allSolved: '1 if any test so far had all test templates answered right on each of their tables.',
    pivotAccuracy: 'Share of the test templates with two numbers that pair them with the right comparisons.',
    simpleAccuracy: 'testAccuracy on questions without a condition.',
    comparisonAccuracy: 'testAccuracy on questions with one condition.',
    logicAccuracy: 'testAccuracy on questions with two conditions.',
    arithmeticAccuracy: 'testAccuracy on difference questions.',
  },

  check({ data, model, train }) {
    const problems: { path: string; message: string }[] = [];
    const add = (path: string, message: string) => problems.push({ path, message });
    if (data.rows.most < data.rows.least)
      add('data.rows.most', `must be at least data.rows.least (${data.rows.least}), got ${data.rows.most}`);
    if (model.steps < 4 && data.categories.some((name) => name === 'logic' || name === 'arithmetic'))
      add('model.steps', `must be at least 4 for data.categories logic and arithmetic, got ${model.steps}`);
    if (data.textColumns > 0 && data.tablesPerTemplate > 1)
      add('data.tablesPerTemplate', 'must be 1 where there are text columns: text match looks at the table');
    if (model.bidirectional && model.units % 2 === 1)
      add('model.units', `must be even for two directions of half as many units each, got ${model.units}`);
    if (train.batchSize > data.trainExamples)
      add(
        'train.batchSize',
        `must not exceed the ${data.trainExamples} training examples, got ${train.batchSize}`,
      );
    return problems;
  },

  structure: ({ data, model: { initialScale: _, ...model }, train }) => ({
    data,
    model,
    batchSize: train.batchSize,
    updates: train.updates,
    evaluateEvery: train.evaluateEvery,
    dropout: isDropping(train),
    ...(optimiserStructure(train) as object),
  }),

  budget: ({ train }) => ({
    steps: train.updates,
    reportEvery: train.evaluateEvery % REPORT_EVERY === 0 ? REPORT_EVERY : train.evaluateEvery,
    evaluateEvery: train.evaluateEvery,
  }),

  bytesPerReplica({ data, model, train }) {
    const sizes = sizesOf(data);
    const weights = parametersOf(model, sizes).reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    // States, selector units and history, and what their gradients need.
    const units = 3 * model.units * (2 * sizes.positions + 5 * model.steps);
    const perRow = 8 * columnCount(sizes) + 2 * TEXT_WORDS * sizes.textColumns + 10 * model.steps;
    // Parameters, Adam's moments and the chain's intermediate results; then the examples.
    return 4 * (8 * weights + train.batchSize * (units + perRow * sizes.rows));
  },

  openData: async (data) => testSet(data),
  explain,
  program: tableQaProgram,
};
