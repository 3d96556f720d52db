import type { Metric } from '../../trials/metric.js';
import { updatesWithin } from '../bounds.js';
import { epochBudget, updatesPerEpoch } from '../epochs.js';
import type { Experiment } from '../experiment.js';
import { trainingBytes } from '../memory.js';
import { type BabiData, dataVariants, obtainStories, openStories } from './data.js';
import { babiProgram } from './program.js';
import { heldOut } from './questions.js';
import { type BabiSettings, schema } from './settings.js';
import { explain } from './trace.js';

/** More words and time words than any set of tasks has, for estimates. */
const MOST_WORDS = 230;
/** Words of the longest sentence, its time word included. */
const LONGEST_SENTENCE = 12;
const ALL_TASKS = Array.from({ length: 20 }, (_, i) => i + 1);

/** End-to-end memory networks on question answering: section 4.2 and table 2 of the paper. */
export const babi: Experiment<BabiSettings, BabiData> = {
  name: 'babi',
  revision: 1,
  schema,
  metrics: {
    trainError: errorShare(
      'Share of wrong answers in the last epoch of training, each before its update, with noise on time.',
    ),
    validationError: errorShare(
      'Share of wrong answers to the tenth of the training questions that is held out.',
    ),
    testError: errorShare(
      'Share of wrong answers to the test questions; of several tasks, the mean over tasks.',
    ),
    ...Object.fromEntries(
      ALL_TASKS.map((task) => [
        `task${task}TestError`,
        errorShare(`Test error on task ${task}, where several are learned jointly.`),
      ]),
    ),
  },

  check: (settings) => updatesWithin(babi.budget(settings).steps),

  perReplica: { model: { deviation: true }, train: { timeNoise: true } },

  budget({ data, train }) {
    const questions = data.tasks.length * data.trainQuestions;
    const updates = updatesPerEpoch(questions - heldOut(questions), train.batchSize);
    return epochBudget(train.linearEpochs + train.epochs, train.evaluateEveryEpochs, updates);
  },

  bytesPerReplica({ model, train }) {
    // Backends without the kernels gather every word of the memory, twice a hop, and keep three tensors of that size.
    const perHop = 6 * model.memory * LONGEST_SENTENCE * model.width;
    return bytesWith(perHop, model, train, 'composed');
  },

  // The kernels keep each hop's attention, queries and their gradients.
  leastBytes: ({ model, train }) => bytesWith(6 * (model.memory + model.width), model, train, 'kernels'),

  dataVariants,
  obtainData: obtainStories,
  openData: openStories,
  explain,
  program: babiProgram,
};

/** @param perHop numbers that the way back needs of one question's hop. */
function bytesWith(
  perHop: number,
  { hops, width }: BabiSettings['model'],
  train: BabiSettings['train'],
  ops: 'composed' | 'kernels',
): number {
  const embeddings = { name: 'embeddings', shape: [hops + 1, MOST_WORDS, width] };
  return trainingBytes(train, [embeddings], train.batchSize * (6 * MOST_WORDS + hops * perHop), ops);
}

function errorShare(description: string): Metric {
  return { description, better: 'lower', kind: 'share' };
}
