import { dataSchema, modelSchema, type NeuralGpuSettings, neuralGpuTrainSchema } from './settings.js';

/** Small settings, to be changed in part. */
export function settings(data: object = {}, model: object = {}, train: object = {}): NeuralGpuSettings {
  return {
    data: dataSchema.parse({ task: 'copy', maximum: 4, testSize: 8, testExamples: 20, ...data }),
    model: modelSchema.parse({ maps: 4, sets: 2, ...model }),
    train: neuralGpuTrainSchema.parse({
      batchSize: 4,
      rate: 0.01,
      optimiser: { name: 'adam', epsilon: 1e-4 },
      clip: { at: 1 },
      steps: 8,
      evaluateEvery: 100,
      ...train,
    }),
  };
}
