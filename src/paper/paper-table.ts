/** What a column of a paper's table measures over the trials of one cell. */
export type MeasureKind =
  /** The best figure of all trials. */
  | 'best'
  /** The mean figure over all trials. */
  | 'average'
  /** Share of trials that succeeded. */
  | 'success'
  /** Share of trials whose error is below `threshold`. */
  | 'below';

/** A column; its values are fractions, not per cent. */
export interface PaperColumn {
  readonly id: string;
  readonly heading: string;
  readonly kind: MeasureKind;
  /** Name of the figure measured; left out where it is the one that the success criterion looks at. */
  readonly metric?: string;
  /** An error, exclusive; with kind `below` only. */
  readonly threshold?: number;
}

/** One setting under one arm, named as in the configs. */
export interface PaperRow {
  readonly setting: string;
  /** The setting as the paper calls it. */
  readonly heading: string;
  readonly arm: string;
  /** By column id; fractions. */
  readonly values: { readonly [column: string]: number };
}

/** What others published for the same settings, to be shown beside: other models, other programs. */
export interface Reference {
  readonly id: string;
  readonly heading: string;
  /** By setting; fractions. */
  readonly values: { readonly [setting: string]: number };
}

/** One of the paper's tables, as data. */
export interface PaperTable {
  /** Also the name of the file that answers to it, e.g. `table-1`. */
  readonly id: string;
  readonly title: string;
  /** Where the numbers stand, and what has to be known of them. */
  readonly citation: string;
  /** Trials behind each cell; null where the paper does not say. */
  readonly trials: number | null;
  readonly columns: readonly PaperColumn[];
  readonly rows: readonly PaperRow[];
  readonly references?: readonly Reference[];
  /** The paper's figures over all settings together, where it prints them: by arm, then by column id. */
  readonly overall?: { readonly [arm: string]: { readonly [column: string]: number } };
}

/** The paper all tables are from. */
export const paper = 'Neelakantan et al. 2015, arXiv 1511.06807';
