import { printable } from '../../excerpt.js';
import type { Trial } from '../../trials/trial.js';

/** A trial in words. */
export function trialLabel({ setting, arm, variation, description }: Trial): string {
  const point = Object.entries(variation).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
  return printable([`${setting} / ${arm}`, ...point, `seed ${description.seed}`].join(', '));
}
