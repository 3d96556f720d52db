import type { Experiment, Settings } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import type { Section, SuccessCriterion } from '../trials/trial.js';

export type { Section };

/** The profile that is the file itself, without an overlay: what the paper did. */
export const BASE_PROFILE = 'paper';

/** The name of the only setting or arm of a config that names none. */
export const ONLY_NAME = 'default';

/** What the rows of a table can be. */
export const TABLE_ROWS = ['arms', 'points'] as const;

/** The tests that can decide a table's comparisons. */
export const TABLE_TESTS = ['mcnemar', 'fisher', 'wilcoxon'] as const;

/** What a config's table shows besides the paper's columns. */
export interface TableLayout {
  /** A row for each arm of a setting, or one for each point of its grid, ranked. */
  readonly rows: (typeof TABLE_ROWS)[number];
  /** Metrics whose averages are shown. */
  readonly columns: readonly string[];
  /** Further criteria whose trials are counted. */
  readonly counts?: readonly SuccessCriterion[];
  /** The test whose p-values are corrected for the number of comparisons. */
  readonly test?: (typeof TABLE_TESTS)[number];
}

/** A config file under one profile: validated, complete, frozen. Nothing further in has defaults or checks of its own. */
export interface Config {
  /** As the user named it. */
  readonly file: string;
  /** The file's name without its ending; names its folder under `results/`. */
  readonly name: string;
  readonly experiment: Experiment;
  readonly description: string | null;
  readonly table: TableLayout;
  readonly profile: Profile;
  /** Names of all profiles that the file has, `paper` first. */
  readonly profiles: readonly string[];
  /** Most trials trained in lockstep; null leaves it to the memory there is. */
  readonly population: number | null;
  readonly settings: readonly Setting[];
  readonly arms: readonly Arm[];
  /** Setting by setting, in each grid point by grid point, in each arm by arm. */
  readonly variants: readonly Variant[];
}

export interface Profile {
  readonly name: string;
  /** What its scale is, e.g. `desk scale: 4 seeds, 40 epochs`; tables print it. */
  readonly title: string | null;
}

/** A row block of a table. */
export interface Setting {
  readonly name: string;
  readonly title: string;
  /** The paper's table it answers to, e.g. `table-1`. */
  readonly paper: string | null;
  readonly seeds: readonly number[];
  /** Dotted path -> values; the grid is their cross product. */
  readonly grid: { readonly [path: string]: readonly Json[] };
}

/** How trials are trained. */
export interface Arm {
  readonly name: string;
  readonly title: string;
}

/** All trials that differ only in their seed: their settings, validated and complete, under the names that they have here. */
export interface Variant extends Settings {
  readonly setting: string;
  readonly arm: string;
  /** The grid point, by dotted path. */
  readonly variation: { readonly [path: string]: Json };
  readonly seeds: readonly number[];
  /** With what the experiment adds to it. */
  readonly train: Settings['train'] & Section;
  readonly success: SuccessCriterion;
}
