import { type BackendChoice, backendFor } from '../backends/index.js';
import type { Config } from '../config/config.js';
import { type LoadOptions, loadConfig } from '../config/load.js';
import type { DataContext } from '../experiments/experiment.js';
import { experiments } from '../experiments/index.js';
import type { ResultStore } from '../results/store.js';
import type { TablePlan } from '../tables/plan.js';
import { checkSelection, type Selection, selectTrials } from '../trials/select.js';
import { parseShard } from '../trials/shard.js';
import type { Trial } from '../trials/trial.js';
import { resolveDataSections } from './data.js';
import { checkMemory } from './memory.js';
import { planTrials } from './plan.js';
import { roomsOf } from './room.js';

/** Options that say which trials of which configs are meant; several commands share them. */
export interface TrialOptions {
  readonly profile?: string;
  readonly arm?: readonly string[];
  readonly setting?: readonly string[];
  readonly seeds?: string;
  readonly set?: readonly string[];
  readonly shard?: string;
}

/** How they are to be trained; without a backend nothing is. */
export interface TrainingOptions {
  readonly backend?: BackendChoice;
  readonly jobs?: number | null;
  readonly population?: number | null;
}

/** A config, with the trials of it that are meant. */
export interface Planned {
  readonly config: Config;
  readonly trials: readonly Trial[];
}

/**
 * Reads all configs before anything runs, and lists their trials.
 * @throws ConfigError, UserError for whatever is wrong in a config or an option.
 */
export async function planRuns(
  files: readonly string[],
  options: TrialOptions & TrainingOptions,
  data: DataContext,
): Promise<Planned[]> {
  const configs = files.map((file) => loadConfig(file, loadOptions(options)));
  const selection = selectionOf(options);
  // All that can be wrong is said before data is looked for, which may mean a download.
  for (const config of configs) checkSelection(config, selection);
  if (options.backend !== undefined) {
    const rooms = roomsOf(await backendFor(options.backend));
    const { jobs = null, population = null } = options;
    for (const config of configs) checkMemory(config, selection, { jobs, population }, rooms);
  }
  const planned: Planned[] = [];
  for (const config of configs) {
    const resolveData = await resolveDataSections(config, data);
    const all = planTrials(config, resolveData, data.notice);
    planned.push({ config, trials: selectTrials(all, selection) });
  }
  return planned;
}

/**
 * What tables are made of: each config under the profile that is asked for, or under every profile that has stored
 * trials (`otherwise` under its default).
 */
export async function planTables(
  files: readonly string[],
  options: TrialOptions,
  store: ResultStore,
): Promise<TablePlan[]> {
  const plans: TablePlan[] = [];
  for (const file of files) {
    const asked = loadConfig(file, loadOptions(options));
    const stored = options.profile === undefined ? await store.profiles(asked.name) : [];
    const known = stored.filter((profile) => asked.profiles.includes(profile));
    const profiles = known.length > 0 ? known : [asked.profile.name];
    for (const profile of profiles)
      plans.push(tablePlan(loadConfig(file, { ...loadOptions(options), profile })));
  }
  return plans;
}

/** All trials of a config on the data that it asks for: that is what goes beside the paper. */
function tablePlan(config: Config): TablePlan {
  const variants = config.experiment.dataVariants;
  return { config, trials: planTrials(config, (data) => (variants?.(data)[0] ?? data) as typeof data) };
}

/** What the config loader needs of the options. */
export function loadOptions({ profile, seeds, set }: TrialOptions): LoadOptions {
  return {
    experiments,
    ...(profile === undefined ? {} : { profile }),
    ...(seeds === undefined ? {} : { seeds }),
    ...(set === undefined ? {} : { set }),
  };
}

function selectionOf({ arm, setting, shard }: TrialOptions): Selection {
  return {
    ...(arm === undefined ? {} : { arms: arm }),
    ...(setting === undefined ? {} : { settings: setting }),
    ...(shard === undefined ? {} : { shard: parseShard(shard) }),
  };
}
