import { PARTS } from '../../ops/band.js';
import { TAPS, WIDTH } from '../../ops/patches.js';
import { multipleOf } from '../checks.js';
import type { Experiment, SettingProblem } from '../experiment.js';
import { trainingBytes } from '../memory.js';
import { drawSize } from './curriculum.js';
import { drawTestSets, type TestSets, testedSizes } from './examples.js';
import { parametersOf } from './network.js';
import { neuralGpuProgram } from './program.js';
import { LAYERS, setSize } from './sets.js';
import { multiples, type NeuralGpuSettings, schema } from './settings.js';
import { tasks } from './tasks.js';
import { explain } from './trace.js';

/** Neural GPUs on binary multiplication: section 4.5 and table 6 of the paper. */
export const multiplication = neuralGpuExperiment('multiplication');

/** Neural GPUs on their other algorithms: addition, copy, reverse, duplicate, sort. */
export const neuralGpu = neuralGpuExperiment('neural-gpu');

/** The largest length whose dropout streams fit into those of one update. */
const LONGEST_TRAINED = 1000;

function neuralGpuExperiment(name: string): Experiment<NeuralGpuSettings, TestSets> {
  return {
    name,
    revision: 2,
    schema,
    metrics: {
      testError: {
        description: 'Share of the test sequences, of data.testSize, with at least one wrong symbol.',
        better: 'lower',
        kind: 'share',
      },
      testBitError: { description: 'Share of wrong symbols in them.', better: 'lower', kind: 'share' },
      ...Object.fromEntries(
        multiples.map((times) => [
          `testErrorTimes${times}`,
          {
            description: `Share of sequences of ${times} data.maximum with a wrong symbol, where data.testMultiples has ${times}.`,
            better: 'lower',
            kind: 'share',
          } as const,
        ]),
      ),
      trainedError: {
        description:
          'Share of sequences of data.maximum with a wrong symbol; there are few of a small size, mostly trained on.',
        better: 'lower',
        kind: 'share',
      },
      trainedBitError: { description: 'Share of wrong symbols in them.', better: 'lower', kind: 'share' },
      level: {
        description: 'Largest size that the curriculum has reached.',
        better: 'higher',
        kind: 'count',
      },
    },

    check({ data, train }) {
      const problems: SettingProblem[] = [];
      const longest = tasks[data.task].length(data.maximum);
      if (longest > LONGEST_TRAINED) {
        const message = `makes sequences of ${longest} positions; at most ${LONGEST_TRAINED} can be trained on`;
        problems.push({ path: 'data.maximum', message });
      }
      const looks = ['train.curriculum.period', train.curriculum.period] as const;
      problems.push(...multipleOf(['train.evaluateEvery', train.evaluateEvery], looks));
      if (train.noise !== 'none' && 'scaledBy' in train.noise && train.optimiser.name !== 'adam') {
        const message = `is for adam only, not for ${train.optimiser.name}`;
        problems.push({ path: 'train.noise.scaledBy', message });
      }
      return problems;
    },

    perReplica: {
      model: { initScale: true },
      train: {
        dropout: true,
        dropoutScaling: true,
        curriculum: { start: true, threshold: true },
        relaxation: true,
      },
    },
    structure: ({ train }) => ({ dropout: train.dropout > 0 }),

    budget: ({ train }) => ({
      steps: train.steps,
      reportEvery: train.curriculum.period,
      evaluateEvery: train.evaluateEvery,
    }),

    bytesPerReplica: (settings) => bytesWith(bandSize(settings.model.maps), settings, 'composed'),
    leastBytes: (settings) => bytesWith(setSize(settings.model.maps), settings, 'kernels'),

    calibrating: {
      // The curriculum's end from the first update on, and a test of few sequences where they are long.
      settings: ({ data, model, train }) => ({
        data: { ...data, testExamples: calibratedExamples(data) },
        model,
        train: { ...train, curriculum: { ...train.curriculum, start: data.maximum } },
      }),
      // As many steps as positions.
      work:
        ({ data }) =>
        (step) =>
          tasks[data.task].length(drawSize(step)(data.maximum, data.maximum)) ** 2,
      testWork: ({ data }) => data.testExamples / calibratedExamples(data),
    },

    // Of every position two symbols for good, and lists of them while a sequence is made.
    dataBytes: (data) =>
      (8 * data.testExamples + 100) *
      testedSizes(data).reduce((sum, size) => sum + tasks[data.task].length(size), 0),

    openData: async (data) => drawTestSets(data),
    explain,
    program: neuralGpuProgram,
  };
}

/** Numbers of one set as band matrices, [LAYERS, 3 C, PARTS C], which CGRUs take where they have no kernel. */
function bandSize(maps: number): number {
  const C = WIDTH * maps;
  return LAYERS * TAPS * C * PARTS * C;
}

/** @param perSet numbers of one set as CGRUs take it. */
function bytesWith(
  perSet: number,
  { data, model, train }: NeuralGpuSettings,
  ops: 'composed' | 'kernels',
): number {
  const n = tasks[data.task].length(data.maximum);
  const C = WIDTH * model.maps;
  const image = C * n * train.batchSize;
  // Of dropout its result; where it is composed of ops, its mask and what that is made of, too.
  const dropped = train.dropout === 0 ? 0 : ops === 'kernels' ? 1 : 3;
  // Of every step: each CGRU's state, two gates and candidate, what dropout takes, and the gradients of all
  // states, which TensorFlow.js frees only at the end, like those of the weights that a step has used; two more images
  // for each CGRU, which dry runs of the paper's size show.
  const perStep = image * (LAYERS * 4 + LAYERS * 3 + 1 + dropped) + perSet;
  // Besides, the weights with their gradients, and passing images.
  const kept = 8 * model.sets * perSet + n * perStep + 20 * image;
  // A test looks at one sequence at a time where they are very long.
  const tested = 30 * C * longestTested(data);
  return trainingBytes(train, parametersOf(model), Math.max(kept, tested), ops);
}

function longestTested(data: NeuralGpuSettings['data']): number {
  return Math.max(...testedSizes(data).map((size) => tasks[data.task].length(size)));
}

/** Positions times steps of a test that is short enough to be timed: one sequence of 500, all of 1,000 where they have 16. */
const TIMED_WORK = 2 ** 18;

/** Test sequences by which a test's time is told: a single short one would spend it in overhead that all of them share. */
function calibratedExamples(data: NeuralGpuSettings['data']): number {
  const affordable = Math.floor(TIMED_WORK / longestTested(data) ** 2);
  return Math.max(1, Math.min(data.testExamples, affordable));
}
