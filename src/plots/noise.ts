import type { Json } from '../json.js';
import { annealedDeviation } from '../method/schedules.js';
import type { CurvePoint } from '../results/record.js';
import type { LinePoint, Lines } from './lines.js';

/**
 * How large the gradient's entries are over training, after clipping by the global norm, and beside them the deviation of the
 * noise that is added to each: of trials whose records have the gradient's size.
 */
export const noise: Lines = {
  name: 'noise',
  caption: () =>
    'Root mean square of the gradient’s entries, clipped by its norm: a thin line per trial, the median of an arm thick; dashed, the deviation of the noise added to each entry',
  points(_, { record }) {
    const { train } = record.description;
    const deviation = deviationOf(train.noise);
    return record.curve.flatMap((point) => {
      const size = clippedSize(point, train.clip);
      if (size === null) return [];
      const given =
        deviation === null ? [] : [{ step: point.step, value: deviation(point.step), isGiven: true }];
      return [{ step: point.step, value: size }, ...given] satisfies LinePoint[];
    });
  },
  y(_, values) {
    const powers = values.map(Math.log10);
    const [low, high] = [Math.floor(Math.min(...powers)), Math.ceil(Math.max(...powers))];
    const ticks = Array.from({ length: high - low + 1 }, (_, i) => Number(`1e${low + i}`));
    return {
      scale: { type: 'log', domain: [ticks[0], ticks.at(-1)] },
      axis: { title: 'per entry', values: ticks, format: '.0e', labelOverlap: 'greedy' },
    };
  },
};

/** Null where the record does not say, and where a logarithm could not show it. */
function clippedSize({ gradient }: CurvePoint, clip: Json | undefined): number | null {
  if (gradient === undefined) return null;
  const { by, at } = fieldsOf(clip);
  const scale = by === 'global-norm' && typeof at === 'number' ? Math.min(1, at / gradient.norm) : 1;
  const size = gradient.rms * scale;
  return Number.isFinite(size) && size > 0 ? size : null;
}

/** The deviation at an update by a trial's settings; null without noise, and where it follows the error, which no record has. */
function deviationOf(settings: Json | undefined): ((step: number) => number) | null {
  const { eta, gamma, deviation, scaledBy } = fieldsOf(settings);
  if (scaledBy !== undefined) return null;
  if (typeof deviation === 'number') return () => deviation;
  if (typeof eta !== 'number' || typeof gamma !== 'number') return null;
  return (step) => annealedDeviation(eta, gamma, step);
}

/** Of a group of settings, which may be `none` instead. */
function fieldsOf(settings: Json | undefined): { readonly [name: string]: Json | undefined } {
  return settings instanceof Object && !Array.isArray(settings) ? (settings as { [name: string]: Json }) : {};
}
