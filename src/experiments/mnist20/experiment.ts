import { updatesWithin } from '../bounds.js';
import { batchWithin } from '../checks.js';
import { epochBudget, updatesPerEpoch } from '../epochs.js';
import type { Experiment } from '../experiment.js';
import { trainingBytes } from '../memory.js';
import { type Digits, dataVariants, obtainDigits, openDigits } from './data.js';
import { CLASSES, PIXELS, summedParameters } from './network.js';
import { mnistProgram } from './program.js';
import { type MnistSettings, schema } from './settings.js';
import { explain } from './trace.js';

/** Deep fully connected networks on MNIST: section 4.1 and table 1 of the paper. */
export const mnist20: Experiment<MnistSettings, Digits> = {
  name: 'mnist20',
  revision: 1,
  schema,
  metrics: {
    testAccuracy: {
      description: 'Share of the test images that are classified correctly.',
      better: 'higher',
      kind: 'share',
    },
  },

  check: (settings) => [
    ...batchWithin(settings.data.trainExamples, settings.train.batchSize),
    ...updatesWithin(mnist20.budget(settings).steps),
  ],

  perReplica: { model: { init: true, deviation: true }, train: { dropout: true } },
  structure: ({ train }) => ({ dropout: train.dropout > 0 }),

  budget: ({ data, train }) =>
    epochBudget(
      train.epochs,
      train.evaluateEveryEpochs,
      updatesPerEpoch(data.trainExamples, train.batchSize),
    ),

  bytesPerReplica: ({ model, train }) =>
    trainingBytes(train, summedParameters(model), keptNumbers(model, train, 3), 'composed'),

  leastBytes: ({ model, train }) =>
    trainingBytes(train, summedParameters(model), keptNumbers(model, train, 2), 'kernels'),

  dataVariants,
  obtainData: obtainDigits,
  openData: openDigits,
  explain,
  program: mnistProgram,
};

/**
 * Activities and their gradients; of dropout its mask, what is made of it, and what that is made from.
 * @param times how often activities are held without dropout. [measured]
 */
function keptNumbers(model: MnistSettings['model'], train: MnistSettings['train'], times: number): number {
  return (train.dropout > 0 ? 9 : times) * train.batchSize * (PIXELS + model.layers * model.units + CLASSES);
}
