import type { Metric } from '../../trials/metric.js';
import { batchWithin } from '../checks.js';
import type { Experiment, SettingProblem } from '../experiment.js';
import { trainingBytes } from '../memory.js';
import { sizesOf } from './encoding.js';
import { TEXT_WORDS } from './grammar.js';
import { parametersOf } from './network.js';
import { exampleFloats } from './packing.js';
import { isDropping, tableQaProgram } from './program.js';
import { type TestSet, testSet } from './questions.js';
import { schema, type TableQaSettings } from './settings.js';
import { templatesWithin, testBytes } from './test-size.js';
import { explain } from './trace.js';

/** Updates between two reports, where that divides the updates between two tests. */
const REPORT_EVERY = 100;

/** Neural Programmers that answer questions about tables: section 4.3 and table 4 of the paper. */
export const tableQa: Experiment<TableQaSettings, TestSet> = {
  name: 'table-qa',
  revision: 2,
  schema,
  metrics: {
    testAccuracy: shareRight('Share of the unique test questions answered right, with hard selection.'),
    bestTestAccuracy: shareRight('The highest testAccuracy of all tests so far.'),
    templatesSolved: shareRight('Share of the test templates answered right on each of their tables.'),
    allSolved: {
      description: '1 if any test so far had all test templates answered right on each of their tables.',
      better: 'higher',
      kind: 'count',
    },
    pivotAccuracy: shareRight(
      'Share of the test templates with two numbers that pair them with the right comparisons.',
    ),
    simpleAccuracy: shareRight('testAccuracy on questions without a condition.'),
    comparisonAccuracy: shareRight('testAccuracy on questions with one condition.'),
    logicAccuracy: shareRight('testAccuracy on questions with two conditions.'),
    arithmeticAccuracy: shareRight('testAccuracy on difference questions.'),
    simpleSolved: shareRight('templatesSolved of templates without a condition.'),
    comparisonSolved: shareRight('templatesSolved of templates with one condition.'),
    logicSolved: shareRight('templatesSolved of templates with two conditions.'),
    arithmeticSolved: shareRight('templatesSolved of templates of differences.'),
  },

  check({ data, model, train }) {
    const problems: SettingProblem[] = [];
    const add = (path: string, message: string) => problems.push({ path, message });
    if (data.rows.most < data.rows.least)
      add('data.rows.most', `must be at least data.rows.least (${data.rows.least}), got ${data.rows.most}`);
    if (model.steps < 4 && data.categories.some((name) => name === 'logic' || name === 'arithmetic'))
      add('model.steps', `must be at least 4 for data.categories logic and arithmetic, got ${model.steps}`);
    if (data.textColumns > 0 && data.tablesPerTemplate > 1)
      add('data.tablesPerTemplate', 'must be 1 where there are text columns: text match looks at the table');
    if (model.bidirectional && model.units % 2 === 1)
      add('model.units', `must be even for two directions of half as many units each, got ${model.units}`);
    return [...problems, ...templatesWithin(data), ...batchWithin(data.trainExamples, train.batchSize)];
  },

  perReplica: {
    model: { initialScale: true },
    train: { delta: true, lambda: true, dropout: true, recurrentDropout: true },
  },
  structure: ({ train }) => ({ dropout: isDropping(train) }),

  budget: ({ train }) => ({
    steps: train.updates,
    reportEvery: train.evaluateEvery % REPORT_EVERY === 0 ? REPORT_EVERY : train.evaluateEvery,
    evaluateEvery: train.evaluateEvery,
  }),

  bytesPerReplica(settings) {
    const { data, model } = settings;
    const { rows, numericColumns, textColumns } = sizesOf(data);
    // Rows that the operations select, and what comparisons and words make them of.
    const perRow = 30 * numericColumns + 4 * TEXT_WORDS * textColumns + 10 * model.steps;
    return bytesWith(unitsComposed(settings) + perRow * rows, settings, 'composed');
  },

  leastBytes(settings) {
    const { data, model, train } = settings;
    const sizes = sizesOf(data);
    // Kernels keep states, the question, selector units and history once each, and of tables the batch alone.
    const units = model.units * (sizes.positions + 1 + 3 * model.steps);
    const isFused = data.textColumns === 0 && !isDropping(train);
    return bytesWith((isFused ? units : unitsComposed(settings)) + exampleFloats(sizes), settings, 'kernels');
  },

  dataBytes: testBytes,

  openData: async (data) => testSet(data),
  explain,
  program: tableQaProgram,
};

/** States, selector units and history of a question, and what their gradients need, where they are composed of ops. */
function unitsComposed({ data, model }: TableQaSettings): number {
  return 3 * model.units * (2 * sizesOf(data).positions + 5 * model.steps);
}

/** @param perExample numbers that the way back needs. */
function bytesWith(
  perExample: number,
  { data, model, train }: TableQaSettings,
  ops: 'composed' | 'kernels',
): number {
  const kept = train.batchSize * perExample;
  return trainingBytes(train, parametersOf(model, sizesOf(data)), isDropping(train) ? 2 * kept : kept, ops);
}

function shareRight(description: string): Metric {
  return { description, better: 'higher', kind: 'share' };
}
