import type { Spec } from './chart.js';

/** A share of trials, on its line of a chart. */
export interface Share {
  readonly share: number;
  /** Ends of the bar behind it. */
  readonly low: number;
  readonly high: number;
  /** The paper's share; null where it has none. */
  readonly paper: number | null;
}

interface Look {
  readonly axis: Spec;
  /** End of the axis. */
  readonly largest: number;
  readonly color: Spec;
  readonly link: Spec;
}

/** Layers that draw shares: a bar and a point for ours, a diamond for the paper's. */
export function shareMarks({ axis, largest, color, link }: Look): Spec[] {
  const x = { type: 'quantitative', scale: { domain: [0, largest], nice: false } } as const;
  return [
    {
      mark: { type: 'rule', strokeWidth: 3, opacity: 0.6 },
      encoding: {
        x: { field: 'low', ...x, axis: { tickCount: 5, ...axis } },
        x2: { field: 'high' },
        color,
        ...link,
      },
    },
    {
      mark: { type: 'point', filled: true, size: 90, opacity: 1 },
      encoding: { x: { field: 'share', ...x }, color, ...link },
    },
    {
      transform: [{ filter: 'datum.paper !== null' }],
      mark: { type: 'point', shape: 'diamond', size: 130, stroke: 'black', strokeWidth: 1.5, opacity: 1 },
      encoding: { x: { field: 'paper', ...x }, ...link },
    },
  ];
}

/** What a caption says of the diamonds; nothing where there are none. */
export function paperNote(shares: readonly Share[]): string {
  return shares.some(({ paper }) => paper !== null) ? '; the diamond is the paper’s' : '';
}
