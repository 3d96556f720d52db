import { z } from 'zod';

/** Annealed noise: variance eta / (1 + t)^gamma at update t = 0, 1, ... [GN section 3, equation 1]. */
export const annealedNoise = z.strictObject({
  eta: z.number().positive().describe('Variance of the noise at the first update (t = 0).'),
  gamma: z
    .number()
    .nonnegative()
    .default(0.55)
    .describe('Decay exponent of the variance; the paper uses 0.55.'),
});

/** Noise of one size throughout training. */
export const constantNoise = z.strictObject({
  deviation: z.number().positive().describe('Standard deviation of the noise at every update.'),
});

const clip = z.strictObject({
  by: z
    .enum(['global-norm', 'tensor-norm'])
    .default('global-norm')
    .describe('L2 norm over all parameters together, or of each parameter tensor on its own.'),
  at: z.number().positive().describe('Largest norm that passes unscaled.'),
});

const optimiser = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('sgd') }),
  z.strictObject({
    name: z.literal('adam'),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
  z.strictObject({
    name: z.literal('rmsprop'),
    decay: z.number().min(0).lt(1).default(0.9).describe('Of the running mean of squared gradients.'),
    epsilon: z.number().positive().default(1e-8).describe('Added to that mean, inside the root.'),
    momentum: z.number().min(0).lt(1).default(0).describe('Share of the last step in the next.'),
  }),
]);

/** Left out it is none: what was trained before there was this setting keeps its description, and with it its id. */
export const annealedShare = z
  .number()
  .min(0)
  .max(1)
  .describe('Final share of the updates during which the rate falls linearly to 0.');

/** The part of a config's `train` section that every experiment has; an experiment extends it with its budget. */
export const trainSchema = z.strictObject({
  batchSize: z.int().positive().describe('Examples per replica and update.'),
  optimiser: optimiser.default({ name: 'sgd' }),
  rate: z
    .number()
    .positive()
    .describe('Learning rate, fixed during training unless it is annealed or the experiment decays it.'),
  anneal: annealedShare.exactOptional(),
  clip: z
    .union([z.literal('none'), clip])
    .default('none')
    .describe('Gradient clipping, before the noise.'),
  noise: z
    .union([z.literal('none'), annealedNoise, constantNoise])
    .default('none')
    .describe('Gaussian noise on every gradient entry, after clipping and before the optimiser.'),
});

export type TrainSettings = z.infer<typeof trainSchema>;
