import { multipleOf } from '../checks.js';
import type { Experiment, SettingProblem } from '../experiment.js';
import { chosen, explainEach } from '../explanation.js';
import { trainingBytes } from '../memory.js';
import { parametersOf } from './controller.js';
import { exampleAt, type TestSet, testSet } from './examples.js';
import { leastNumbersKept, numbersKept } from './memory.js';
import { kthElementProgram } from './program.js';
import { type KthElementSettings, schema } from './settings.js';
import { tasks } from './tasks.js';
import { explainRun } from './trace.js';

/** Neural random-access machines that find the k-th element of a linked list: section 4.4 and table 5 of the paper. */
export const kthElement: Experiment<KthElementSettings, TestSet> = {
  name: 'kth-element',
  revision: 1,
  schema,
  metrics: {
    testError: {
      description: 'Share of the answer cells of the test set that are wrong.',
      better: 'lower',
      kind: 'share',
    },
    testCost: {
      description: 'Mean cost per test example, in nats, without the entropy bonus.',
      better: 'lower',
      kind: 'cost',
    },
    discreteError: {
      description: 'The same share when every choice is replaced by the most probable one.',
      better: 'lower',
      kind: 'share',
    },
    level: { description: 'Level D that the curriculum has reached.', better: 'higher', kind: 'count' },
  },

  check({ data, train }) {
    const problems: SettingProblem[] = [];
    const cells = tasks[data.task].cells(data.maximum);
    if (data.memory < cells) {
      const message = `must be at least ${cells} for ${data.task} up to difficulty ${data.maximum}, got ${data.memory}`;
      problems.push({ path: 'data.memory', message });
    }
    const looks = ['train.curriculum.gap', train.curriculum.gap] as const;
    return [...problems, ...multipleOf(['train.evaluateEvery', train.evaluateEvery], looks)];
  },

  perReplica: {
    model: { outputScale: true, haltBias: true },
    train: {
      loss: true,
      activationClip: true,
      entropy: true,
      curriculum: { start: true, threshold: true },
    },
  },

  budget: ({ train }) => ({
    steps: train.updates,
    reportEvery: train.curriculum.gap,
    evaluateEvery: train.evaluateEvery,
  }),

  bytesPerReplica: (settings) => bytesWith(numbersKept, settings),
  leastBytes: (settings) => bytesWith(leastNumbersKept, settings),

  // Of every test example its tape and what it must hold in the end, in one array and on its own.
  dataBytes: ({ testExamples, memory }) => testExamples * (12 * memory + 500),

  openData: async (data) => testSet(data),
  explain: ({ parameters }, { model }, { examples }, meant) =>
    explainEach(chosen(meant, examples.count), (index) =>
      explainRun(model, parameters, exampleAt(examples, index)),
    ),
  program: kthElementProgram,
};

function bytesWith(kept: typeof numbersKept, { data, model, train }: KthElementSettings): number {
  const examples = train.batchSize * model.steps;
  return trainingBytes(train, parametersOf(model), examples * kept({ ...model, memory: data.memory }));
}
