import type { Config, Variant } from '../config/config.js';
import { labelText } from '../config/problem-log.js';
import { UserError } from '../errors.js';
import { printable } from '../excerpt.js';
import { canonicalJson } from '../json.js';
import { isSelected, type Selection } from '../trials/select.js';
import { leastBytes, remedies } from './remedies.js';
import { bytesText, PROCESS_BYTES, type Room, type Rooms } from './room.js';

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
  rooms: Rooms,
): void {
  const variants = config.variants.filter(isSelected(selection));
  const needs = variants.map((variant) => needOf(config, variant));
  const alike = new Map<string, number>();
  for (const { group, variant } of needs) alike.set(group, (alike.get(group) ?? 0) + variant.seeds.length);
  const trials = variants.reduce((sum, { seeds }) => sum + seeds.length, 0);
  const processes = Math.min(jobs ?? 1, trials);
  for (const need of needs) {
    const replicas = Math.min(population ?? config.population ?? 1, alike.get(need.group)!);
    const excess = excessOf(config, need, replicas, processes, rooms);
    if (excess !== undefined)
      throw new UserError(
        `${[printable(config.file), labelText(need.variant)].filter(Boolean).join(', ')}: ${excess}`,
      );
  }
}

function needOf({ experiment }: Config, variant: Variant): Need {
  const data = experiment.dataBytes?.(variant.data) ?? 0;
  const replica = leastBytes(experiment, variant);
  return { variant, data, replica, group: `${replica} ${canonicalJson(variant.data)}` };
}

/** What is too much: a single trial, the population, or all processes together. Undefined if nothing is. */
function excessOf(
  { experiment }: Config,
  { variant, data, replica }: Need,
  replicas: number,
  processes: number,
  { all, process }: Rooms,
): string | undefined {
  const sentence = (what: string, bytes: number, { text }: Room, remedy: string) =>
    `${what} would need about ${bytesText(bytes)} of memory in training, and ${text}. Lower ${remedy}.`;
  const trial = data + replica;
  if (trial > process.bytes) return sentence('a trial', trial, process, remedies(experiment, variant));
  const population = data + replicas * replica;
  if (population > process.bytes) {
    const most = Math.floor((process.bytes - data) / replica);
    return sentence(`${replicas} trials in lockstep`, population, process, `the population to ${most}`);
  }
  const each = population + PROCESS_BYTES;
  if (processes > 1 && processes * each > all.bytes) {
    const most = Math.max(1, Math.floor(all.bytes / each));
    return sentence(`${processes} processes`, processes * each, all, `--jobs to ${most}`);
  }
  return undefined;
}
