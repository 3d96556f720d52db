import { type SuccessCriterion, type Trial, trialId } from '../trials/trial.js';
import type { Experiment, Settings } from './experiment.js';

/** A trial that no config plans, e.g. of a benchmark. Where success does not matter, any metric will do. */
export function unplannedTrial<S extends Settings>(
  { name, revision, metrics }: Experiment<S>,
  { data, model, train }: S,
  seed: number,
  success: SuccessCriterion = { metric: Object.keys(metrics)[0]!, above: 0 },
): Trial {
  const description = { experiment: name, revision, data, model, train, success, seed };
  const labels = { config: name, profile: 'none', setting: 'none', arm: 'none', variation: {} };
  return { id: trialId(description), ...labels, description };
}
