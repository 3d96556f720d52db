import type { Budget } from './experiment.js';

/** Updates of an epoch: whole batches only, at least one. What is left over has its turn in another epoch's order. */
export function updatesPerEpoch(examples: number, batchSize: number): number {
  return Math.max(1, Math.floor(examples / batchSize));
}

/**
 * The budget of a training that is counted in epochs, each of which is reported.
 * @param updates of an epoch.
 */
export function epochBudget(epochs: number, evaluateEveryEpochs: number, updates: number): Budget {
  return { steps: epochs * updates, reportEvery: updates, evaluateEvery: evaluateEveryEpochs * updates };
}
