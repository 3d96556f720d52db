import { z } from 'zod';

// Settings that several experiments have.

export const testSeed = z
  .int()
  .nonnegative()
  .default(0)
  .describe('The test set is drawn from this seed, the same for all trials.');

export const evaluateEveryEpochs = z
  .int()
  .positive()
  .describe('Epochs between two tests; the end is always tested.');

/** Of dropping something. */
export const dropoutRate = z.number().min(0).lt(1).default(0);
