import type { Settings } from '../experiments/experiment.js';
import type { TrialDescription } from '../trials/trial.js';

/** The settings inside a description; they were validated when the config was read. */
export function settingsOf(description: TrialDescription): Settings {
  return description as unknown as Settings;
}
