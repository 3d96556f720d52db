import type { DataContext } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';
import type { Planned } from '../planning/requests.js';
import type { ResultStore } from '../results/store.js';
import { Done } from '../runner/done.js';
import { structureOf } from '../runner/structure.js';
import { settingsOf } from '../trainer/settings.js';
import { planPopulations } from '../trials/populations.js';
import type { Trial } from '../trials/trial.js';
import { labelOf } from './run-board.js';
import { sizeFor } from './run-here.js';
import type { RunOptions } from './run-options.js';

/** Every trial with what is stored of it, the populations that the rest would train in, and what that would take. */
export async function dryRun(
  { config, trials }: Planned,
  store: ResultStore,
  options: RunOptions,
  data: DataContext,
): Promise<string> {
  const { experiment } = config;
  const { openBackend } = await import('../backends/index.js');
  const done = new Done(store, trials, null);
  await done.refresh();
  const pending = done.pending();
  const backend = await openBackend(options.backend);
  const jobs = options.jobs ?? backend.processes;
  const structure = (trial: Trial) => canonicalJson(structureOf(experiment, trial));
  const keys = pending.map(structure);
  const populations = planPopulations(pending, structure, (trial) => {
    const bytes = experiment.bytesPerReplica(settingsOf(experiment, trial.description));
    const own = structure(trial);
    const alike = keys.filter((key) => key === own).length;
    const load = { alike, structures: new Set(keys).size, jobs };
    return sizeFor(backend, bytes, load, options.population ?? config.population);
  });
  const lines = trials.map((trial) => `${trial.id}  ${done.kindOf(trial.id) ?? 'to do'}  ${labelOf(trial)}`);
  const total =
    `${config.name} (${config.profile.name}): ${trials.length} trials, ${trials.length - pending.length} done, ` +
    `${pending.length} to do in ${populations.length} populations (${backend.name}, ${jobs} at once)`;
  const [first] = populations;
  if (first) lines.push(await estimate(config, first, pending.length, jobs, data));
  return `${[...lines, total].join('\n')}\n`;
}

/** Time and memory, from a few seconds of training in one process. */
async function estimate(
  { name, experiment }: Planned['config'],
  population: readonly Trial[],
  pending: number,
  jobs: number,
  data: DataContext,
): Promise<string> {
  const { calibrate } = await import('../runner/calibration.js');
  const { secondsPerTrial, bytesPerReplica, replicas } = await calibrate(experiment, population, data, 3);
  const hours = (secondsPerTrial * pending) / jobs / 3600;
  const time = hours < 1 ? `${Math.ceil(60 * hours)} min` : `${hours.toPrecision(3)} h`;
  const memory = `${((bytesPerReplica * replicas) / 1e6).toPrecision(3)} MB for ${replicas} in lockstep, beside the data`;
  return `${name}: about ${time} on this machine (${secondsPerTrial.toPrecision(3)} s per trial and process); ${memory}. Estimated from 3 seconds of the first population.`;
}
