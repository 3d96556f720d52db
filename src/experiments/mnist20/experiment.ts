import { optimiserStructure } from '../../optimiser/chain.js';
import type { Experiment } from '../experiment.js';
import { type Digits, dataVariants, obtainDigits, openDigits } from './data.js';
import { parametersOf, widthsOf } from './network.js';
import { mnistProgram, updatesPerEpoch } from './program.js';
import { dataSchema, type MnistSettings, mnistTrainSchema, modelSchema } from './settings.js';

/** Deep fully connected networks on MNIST: section 4.1 and table 1 of the paper. */
export const mnist20: Experiment<MnistSettings, Digits> = {
  name: 'mnist20',
  revision: 1,
  schema: { data: dataSchema, model: modelSchema, train: mnistTrainSchema },
  metrics: { testAccuracy: 'Share of the test images that are classified correctly.' },

  check({ data, train }) {
    if (train.batchSize <= data.trainExamples) return [];
    const message = `must not exceed the ${data.trainExamples} training examples, got ${train.batchSize}`;
    return [{ path: 'train.batchSize', message }];
  },

  structure: ({ data, model, train }) => ({
    data,
    layers: model.layers,
    units: model.units,
    batchSize: train.batchSize,
    epochs: train.epochs,
    evaluateEveryEpochs: train.evaluateEveryEpochs,
    lossScale: train.lossScale ?? 1,
    dropout: train.dropout > 0,
    ...(optimiserStructure(train) as object),
  }),

  budget({ data, train }) {
    const epoch = updatesPerEpoch(data.trainExamples, train.batchSize);
    return {
      steps: train.epochs * epoch,
      reportEvery: epoch,
      evaluateEvery: train.evaluateEveryEpochs * epoch,
    };
  },

  bytesPerReplica({ model, train }) {
    const widths = widthsOf(model);
    const weights = parametersOf(widths).reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    const activities = train.batchSize * widths.reduce((sum, width) => sum + width, 0);
    // Parameters, gradients, noisy gradients, updates, new parameters; activities and their gradients.
    return 4 * (6 * weights + 3 * activities);
  },

  dataVariants,
  obtainData: obtainDigits,
  openData: openDigits,
  program: mnistProgram,
};
