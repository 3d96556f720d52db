import type { Trial } from '../../trials/trial.js';

/** A trial in words. */
export function trialLabel({ setting, arm, variation, description }: Trial): string {
  const point = Object.entries(variation).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return [`${setting} / ${arm}`, ...point, `seed ${description.seed}`].join(', ');
}
