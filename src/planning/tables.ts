import type { Config } from '../config/config.js';
import { loadConfig, type Overrides } from '../config/load.js';
import { experiments } from '../experiments/index.js';
import type { ResultStore } from '../results/store.js';
import type { TablePlan } from '../tables/plan.js';
import { checkFileNames } from './names.js';
import { planTrials } from './plan.js';

/** What a config's tables are made of, and the config itself. */
export interface ConfigTables extends TablePlan {
  readonly config: Config;
}

/**
 * What tables are made of: each config under the profile that is asked for, or under every profile that has stored
 * trials, otherwise under its default.
 * @throws ConfigError for whatever is wrong in a config or an option.
 */
export async function planTables(
  files: readonly string[],
  overrides: Overrides,
  store: ResultStore,
): Promise<ConfigTables[]> {
  const plans: ConfigTables[] = [];
  for (const file of files) {
    const asked = loadConfig(file, experiments, overrides);
    const stored = overrides.profile === undefined ? await store.profiles(asked.name) : [];
    const known = stored.filter((profile) => asked.profiles.includes(profile));
    const profiles = known.length > 0 ? known : [asked.profile.name];
    for (const profile of profiles) {
      const isAsked = profile === asked.profile.name;
      plans.push(tablePlan(isAsked ? asked : loadConfig(file, experiments, { ...overrides, profile })));
    }
  }
  checkFileNames(plans.map(({ config }) => config));
  // A config that is named twice, perhaps by two paths, is one: its trials would count twice.
  return [
    ...new Map(plans.map((plan) => [`${plan.config.name}/${plan.config.profile.name}`, plan])).values(),
  ];
}

/** All trials of a config on the data that it asks for: that is what goes beside the paper. */
function tablePlan(config: Config): ConfigTables {
  const variants = config.experiment.dataVariants;
  return { config, trials: planTrials(config, (data) => (variants?.(data)[0] ?? data) as typeof data) };
}
