import type { TrialRecord } from '../results/record.js';
import type { LinePoint, Lines } from './lines.js';

/** Learning curves: the success metric over training. */
export const curves: Lines = {
  name: 'curves',
  caption: ({ figure }) =>
    `${figure.metric} over training: a thin line per trial, the median of an arm thick`,
  points: ({ figure }, { record }) => measuredPoints(record, figure.metric),
  y: ({ figure }, values) => ({
    scale: { domain: [Math.min(0, ...values), Math.max(...values)], nice: true },
    axis: { title: figure.metric, tickCount: 5, format: figure.fraction ? '.0%' : '~g' },
  }),
};

/** The points of a trial's curve at which a metric was measured and is finite. */
export function measuredPoints({ curve }: TrialRecord, metric: string): LinePoint[] {
  return curve.flatMap(({ step, metrics }) => {
    const value = metrics[metric];
    return value === undefined || !Number.isFinite(value) ? [] : [{ step, value }];
  });
}
