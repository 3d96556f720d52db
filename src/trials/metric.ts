/** What a figure that an experiment reports is: all that tables have to know of it besides its numbers. */
export interface Metric {
  /** A sentence for people. */
  readonly description: string;
  readonly better: 'higher' | 'lower';
  /**
   * A share lies between 0 and 1, and is shown as per cent; a count is a whole number, 0 or 1 where it only says whether;
   * a cost is what training minimises, in the unit that the description names.
   */
  readonly kind: 'share' | 'count' | 'cost';
}

/** All that an experiment reports, by name. */
export type MetricsByName = { readonly [name: string]: Metric };
