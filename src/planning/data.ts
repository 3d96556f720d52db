import type { Config, Section } from '../config/config.js';
import { UserError } from '../errors.js';
import type { DataContext, Experiment } from '../experiments/experiment.js';
import { canonicalJson, deepFreeze } from '../json.js';
import type { ResolveData } from './plan.js';

/**
 * Settles, once for every distinct data section of a config, which data its trials really use on this machine: the
 * first that can be had of what the section asks for and what may stand in for it. Where only plans are made, offline, data that
 * is nowhere to be found is taken as it is asked for.
 * @throws UserError if none can be had.
 */
export async function resolveDataSections(
  { experiment, variants }: Config,
  context: DataContext,
): Promise<ResolveData> {
  const sections = new Map(variants.map(({ data }) => [canonicalJson(data), data]));
  const resolved = new Map<string, Section>();
  // Sections that differ in more than their source are told of it once.
  const told = new Set<string>();
  const notice = (message: string) => told.size < told.add(message).size && context.notice(message);
  for (const [key, data] of sections)
    resolved.set(key, deepFreeze(await obtain(experiment, data, { ...context, notice })));
  return (data) => resolved.get(canonicalJson(data))!;
}

async function obtain(experiment: Experiment, data: Section, context: DataContext): Promise<Section> {
  const candidates = (experiment.dataVariants?.(data) ?? [data]) as readonly Section[];
  for (const candidate of candidates) {
    if (!((await experiment.obtainData?.(candidate, context)) ?? true)) continue;
    if (candidate !== candidates[0]) context.notice(standIn(candidates[0]!, candidate));
    return candidate;
  }
  if (context.offline && !context.needed) return candidates[0]!;
  throw new UserError(
    `${experiment.name}: the data ${canonicalJson(data)} cannot be had here and the config names no fallback; ` +
      'see `gnoise data list`.',
  );
}

/** Said loudly: results on other data are other results. */
function standIn(asked: Section, used: Section): string {
  const name = ({ source }: Section) => (typeof source === 'string' ? source : 'the data');
  return (
    `WARNING: ${name(asked)} cannot be had here. ${name(used)} stands in for it: these are other trials, and tables ` +
    "keep them apart from the paper's numbers. `gnoise data list` shows where data is looked for."
  );
}
