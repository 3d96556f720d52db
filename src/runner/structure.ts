import type { Experiment } from '../experiments/experiment.js';
import type { Json } from '../json.js';
import { settingsOf } from '../trainer/settings.js';
import type { Trial } from '../trials/trial.js';

/** What trials must share to train in lockstep: the experiment's own structure, and the data. */
export function structureOf(experiment: Experiment, { description }: Trial): Json {
  return { data: description.data, structure: experiment.structure(settingsOf(description)) };
}
