import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import type { DataContext } from '../experiments/experiment.js';
import { experiments } from '../experiments/index.js';
import { selectTrials } from '../trials/select.js';
import type { Trial } from '../trials/trial.js';
import { resolveDataSections } from './data.js';
import { planTrials } from './plan.js';
import type { TrialRequest } from './request.js';

/** A config, with the trials of it that are meant. */
export interface Planned {
  readonly config: Config;
  readonly trials: readonly Trial[];
}

/**
 * Reads all configs before anything runs, and lists their trials.
 * @throws ConfigError, UserError for whatever is wrong in a config or an option.
 */
export async function planConfigs(
  { files, overrides, selection }: TrialRequest,
  data: DataContext,
): Promise<Planned[]> {
  const configs = files.map((file) => loadConfig(file, experiments, overrides));
  const planned: Planned[] = [];
  for (const config of configs) {
    const resolveData = await resolveDataSections(config, data);
    const all = planTrials(config, resolveData, data.notice);
    planned.push({ config, trials: selectTrials(all, selection) });
  }
  return planned;
}
