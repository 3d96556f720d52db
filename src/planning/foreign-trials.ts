import { z } from 'zod';
import { trialSchema } from '../config/schema.js';
import type { Experiment } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';
import { MAX_SEED } from '../trials/seeds.js';
import { type Trial, type TrialDescription, trialFields, trialId } from '../trials/trial.js';

/** Names folders of results: never leads out of them. */
const folderName = z.string().regex(/^[^./\\\s][^/\\]*$/, 'not the name of a folder');

/** The form of a trial that comes from another process. */
export const trialForm = z
  .strictObject({ ...trialFields, config: folderName, profile: folderName })
  .readonly();

/**
 * What keeps trials of the right form from being ones that this gnoise could have planned, as a sentence; null when
 * nothing does.
 */
export function faultOf(
  trials: readonly Trial[],
  experiments: ReadonlyMap<string, Experiment>,
): string | null {
  // Most trials are equal but for their seed: their sections are looked at once.
  const known = new Map<string, string | null>();
  for (const { id, description } of trials) {
    const { seed, ...rest } = description;
    const key = canonicalJson(rest);
    if (!known.has(key)) known.set(key, faultOfSettings(description, experiments));
    const fault = trialId(description) === id ? known.get(key)! : 'its id is not that of its description';
    if (fault !== null) return `trial ${id}: ${fault}`;
    if (seed > MAX_SEED) return `trial ${id}: ${seed} is too large for a seed`;
  }
  return null;
}

function faultOfSettings(
  { experiment: name, revision, data, model, train, success }: TrialDescription,
  experiments: ReadonlyMap<string, Experiment>,
): string | null {
  const experiment = experiments.get(name);
  if (!experiment) return `there is no experiment ${name}`;
  if (revision !== experiment.revision)
    return `it is of revision ${revision} of ${name}, and this is ${experiment.revision}`;
  const sections = { data, model, train, success };
  const parsed = trialSchema(experiment).safeParse(sections);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    return `${path.join('.')}: ${message}`;
  }
  // Complete settings are not changed by being parsed again.
  if (canonicalJson(parsed.data) !== canonicalJson(sections)) return 'its settings are not complete';
  const [problem] = experiment.check?.(parsed.data) ?? [];
  return problem ? `${problem.path}: ${problem.message}` : null;
}
