import { openBackend } from '../backends/index.js';
import type { BackendName } from '../backends/names.js';
import type { DataContext, Experiment } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';
import { type Planned, planConfigs } from '../planning/configs.js';
import type { Outcome } from '../results/record.js';
import { ResultStore } from '../results/store.js';
import { settingsOf } from '../trainer/settings.js';
import type { Trial } from '../trials/trial.js';
import { Done } from './done.js';
import { type Estimate, estimateSweep } from './estimate.js';
import { Planner } from './planner.js';
import type { DataReports, RunRequest } from './request.js';
import { processesFor } from './run.js';

/** What a run would do for one config. */
export interface DryRun {
  readonly planned: Planned;
  readonly trials: readonly { readonly trial: Trial; readonly outcome: Outcome['kind'] | null }[];
  /** Trials without a result. */
  readonly pending: number;
  /** How many populations they would train in. */
  readonly populations: number;
  readonly backend: BackendName;
  readonly processes: number;
  /** From a few seconds of training; null when there is nothing to train, or nothing to train it on. */
  readonly estimate: Estimate | null;
  /** Populations whose data are not on this machine yet; the estimate takes them for average. */
  readonly withoutData: number;
}

/**
 * Says config by config what `run` would do with the same request, and stores nothing.
 * @throws ConfigError, UserError for whatever is wrong in a config or an option.
 */
export async function* dryRun(request: RunRequest, reports: DataReports): AsyncGenerator<DryRun> {
  const data = { ...reports, folders: request.dataFolders, offline: true };
  for (const planned of await planConfigs(request, data)) {
    const { config, trials } = planned;
    const done = new Done(new ResultStore(request.results), trials, null);
    await done.refresh();
    const pending = done.pending();
    const processes = await processesFor(request, pending.length);
    const backend = await openBackend(request.backend, processes);
    const population = request.population ?? config.population;
    const room = { backend, cards: backend.cards.length, processes, population };
    const populations = new Planner(config.experiment, pending, room).plan();
    const present = await withData(config.experiment, populations, data);
    yield {
      planned,
      trials: trials.map((trial) => ({ trial, outcome: done.kindOf(trial.id) ?? null })),
      pending: pending.length,
      populations: populations.length,
      backend: backend.name,
      processes,
      estimate:
        present.size === 0
          ? null
          : await estimateSweep(config.experiment, populations, data, processes, present),
      withoutData: populations.length - present.size,
    };
  }
}

/** The populations whose data are at hand: nothing is fetched for an estimate. */
async function withData(
  experiment: Experiment,
  populations: readonly (readonly Trial[])[],
  context: DataContext,
): Promise<Set<readonly Trial[]>> {
  const present = new Set<readonly Trial[]>();
  const known = new Map<string, boolean>();
  for (const population of populations) {
    const { data } = settingsOf(experiment, population[0]!.description);
    const key = canonicalJson(data);
    if (!known.has(key)) known.set(key, (await experiment.obtainData?.(data, context)) ?? true);
    if (known.get(key)) present.add(population);
  }
  return present;
}
