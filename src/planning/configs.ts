import { backendFor } from '../backends/index.js';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import type { DataContext } from '../experiments/experiment.js';
import { experiments } from '../experiments/index.js';
import { checkSelection, selectTrials } from '../trials/select.js';
import type { Trial } from '../trials/trial.js';
import { resolveDataSections } from './data.js';
import { checkMemory } from './memory.js';
import { checkFileNames } from './names.js';
import { planTrials } from './plan.js';
import type { TrainedTrials } from './request.js';
import { roomsOf } from './room.js';

/** A config, with the trials of it that are meant. */
export interface Planned {
  readonly config: Config;
  readonly trials: readonly Trial[];
}

/**
 * Reads all configs before anything runs, sees that there is memory for their trials, and lists them.
 * @throws ConfigError, UserError for whatever is wrong in a config or an option.
 */
export async function planConfigs(
  { files, overrides, selection, backend, jobs = null, population = null }: TrainedTrials,
  data: DataContext,
): Promise<Planned[]> {
  const configs = files.map((file) => loadConfig(file, experiments, overrides));
  checkFileNames(configs);
  // All that can be wrong is said before data is looked for, which may mean a download.
  for (const config of configs) checkSelection(config, selection);
  const rooms = roomsOf(await backendFor(backend));
  for (const config of configs) checkMemory(config, selection, { jobs, population }, rooms);
  const planned: Planned[] = [];
  for (const config of configs) {
    const resolveData = await resolveDataSections(config, data);
    const all = planTrials(config, resolveData, data.notice);
    planned.push({ config, trials: selectTrials(all, selection) });
  }
  return planned;
}
