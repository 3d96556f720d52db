import { z } from 'zod';
import { SEED_LIMIT, STEP_LIMIT, TENSOR_LIMIT } from '../random/streams.js';
import { A_STREAM_EACH, because } from './bounds.js';

// Settings that several experiments have.

export const testSeed = because(
  'seeds have 28 bits',
  z
    .int()
    .min(0)
    .max(SEED_LIMIT - 1),
)
  .default(0)
  .describe('The test set is drawn from this seed, the same for all trials.');

export const updateCount = because(A_STREAM_EACH, z.int().positive().max(STEP_LIMIT)).describe(
  'Updates of the parameters.',
);

/** Layers, steps in time and the like, of which a network is built one by one. */
export const partCount = because(
  `a network has at most ${TENSOR_LIMIT} parts, one for each random stream of an update`,
  z.int().positive().max(TENSOR_LIMIT),
);

export const evaluateEveryEpochs = z
  .int()
  .positive()
  .describe('Epochs between two tests; the end is always tested.');

/** Of dropping something. */
export const dropoutRate = z.number().min(0).lt(1).default(0);
