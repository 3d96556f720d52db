/**
 * The paper's largest sweep has 14,580 trials in 486 variants. A config with far more has a slip in its grid or seeds, and
 * would take long to plan.
 */
export const MAX_TRIALS = 100_000;
export const MAX_VARIANTS = 20_000;
