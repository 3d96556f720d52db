import type { CurvePoint } from '../results/record.js';

/** All figures of a point of a curve by name, as other tools get them. */
export function figuresOf({ loss, metrics, gradient }: CurvePoint): { readonly [figure: string]: number } {
  const sizes = gradient === undefined ? {} : { gradientNorm: gradient.norm, gradientRms: gradient.rms };
  return { loss, ...metrics, ...sizes };
}
