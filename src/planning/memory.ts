import type { Config, Variant } from '../config/config.js';
import { labelText } from '../config/problem-log.js';
import { UserError } from '../errors.js';
import { canonicalJson } from '../json.js';
import { isSelected, type Selection } from '../trials/select.js';
import { remedies } from './remedies.js';
import { bytesText, type Room } from './room.js';

/** How trials are to be trained, as far as the user says it. */
export interface Asked {
  /** Processes at once; null leaves it to the machine. */
  readonly jobs: number | null;
  /** Most trials in lockstep; null leaves it to the config, and then to the memory. */
  readonly population: number | null;
}

/** Rough bytes that trials of a variant take. */
interface Need {
  readonly variant: Variant;
  readonly data: number;
  readonly replica: number;
  /** Equal for all variants whose trials may train in lockstep; they share data and take equally much. */
  readonly group: string;
}

/**
 * Sees that every trial can be trained in the memory there is, as its experiment reckons it, and as many at once as are
 * asked for. Nothing is allocated for that, neither tensors nor data.
 * @param selection which settings and arms of the config are meant.
 * @throws UserError with what the first that is too large would need, what there is, and what to lower.
 */
export function checkMemory(
  config: Config,
  selection: Selection,
  { jobs, population }: Asked,
  room: Room,
): void {
  const variants = config.variants.filter(isSelected(selection));
  const needs = variants.map((variant) => needOf(config, variant));
  const alike = new Map<string, number>();
  for (const { group, variant } of needs) alike.set(group, (alike.get(group) ?? 0) + variant.seeds.length);
  const trials = variants.reduce((sum, { seeds }) => sum + seeds.length, 0);
  const processes = Math.min(jobs ?? 1, trials);
  for (const need of needs) {
    const replicas = Math.min(population ?? config.population ?? 1, alike.get(need.group)!);
    const excess = excessOf(config, need, replicas, processes, room);
    if (excess !== undefined)
      throw new UserError(`${[config.file, labelText(need.variant)].filter(Boolean).join(', ')}: ${excess}`);
  }
}

function needOf({ experiment }: Config, variant: Variant): Need {
  const data = experiment.dataBytes?.(variant.data) ?? 0;
  const replica = experiment.bytesPerReplica(variant);
  return { variant, data, replica, group: `${replica} ${canonicalJson(variant.data)}` };
}

/** What is too much: a single trial, the population, or all processes together. Undefined if nothing is. */
function excessOf(
  { experiment }: Config,
  { variant, data, replica }: Need,
  replicas: number,
  processes: number,
  { bytes, owner, processBytes, processOwner }: Room,
): string | undefined {
  const sentence = (what: string, needed: number, whose: string, there: number, remedy: string) =>
    `${what} would need about ${bytesText(needed)} of memory in training, and ${whose} has ${bytesText(there)}. Lower ${remedy}.`;
  if (data + replica > processBytes)
    return sentence('a trial', data + replica, processOwner, processBytes, remedies(experiment, variant));
  const population = data + replicas * replica;
  if (population > processBytes) {
    const most = Math.floor((processBytes - data) / replica);
    return sentence(
      `${replicas} trials in lockstep`,
      population,
      processOwner,
      processBytes,
      `the population to ${most}`,
    );
  }
  if (processes * population > bytes) {
    const most = Math.floor(bytes / population);
    return sentence(`${processes} processes`, processes * population, owner, bytes, `--jobs to ${most}`);
  }
  return undefined;
}
