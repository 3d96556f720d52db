import type { Config, Section, Variant } from '../config/config.js';
import { deepFreeze } from '../json.js';
import { type Trial, type TrialDescription, trialId } from '../trials/trial.js';

/** The data section that a trial really uses, from the one in the config; see `resolveDataSections`. */
export type ResolveData = (data: Section) => Section;

/**
 * Every trial of a config, before anything runs: seed by seed, then grid point by grid point, then settings, with the
 * arms in turn, so that a sweep stopped anywhere is balanced. No two have the same id: where two data sections come to the
 * same data on this machine (both fall back to synthetic digits, say), the trial is kept under its first label and
 * `notice` is told.
 */
export function planTrials(
  config: Config,
  resolveData: ResolveData,
  notice: (message: string) => void = () => {},
): Trial[] {
  const points = pointsBySetting(config);
  const seeds = [...new Set(config.settings.flatMap((setting) => setting.seeds))];
  const seedsOf = new Map(config.settings.map((setting) => [setting.name, new Set(setting.seeds)]));
  const longest = Math.max(0, ...points.map((list) => list.length));
  const data = new Map(config.variants.map((variant) => [variant, resolveData(variant.data)]));
  const trials = new Map<string, Trial>();
  const shared = new Set<string>();
  for (const seed of seeds) {
    for (let point = 0; point < longest; point++) {
      for (const variant of points.flatMap((list) => list[point] ?? [])) {
        if (!seedsOf.get(variant.setting)!.has(seed)) continue;
        const trial = trialOf(config, variant, data.get(variant)!, seed);
        const other = trials.get(trial.id);
        if (other === undefined) trials.set(trial.id, trial);
        else shared.add(`${labels(trial)} and ${labels(other)}`);
      }
    }
  }
  for (const pair of shared) {
    notice(`${config.name}: ${pair} come to the same data here and are trained once, as the latter.`);
  }
  return [...trials.values()];
}

/** For every setting its grid points, each a list of one variant per arm. */
function pointsBySetting({ settings, variants }: Config): Variant[][][] {
  return settings.map(({ name }) => {
    const points = new Map<string, Variant[]>();
    for (const variant of variants.filter(({ setting }) => setting === name)) {
      const key = JSON.stringify(variant.variation);
      points.set(key, [...(points.get(key) ?? []), variant]);
    }
    return [...points.values()];
  });
}

function trialOf(config: Config, variant: Variant, data: Section, seed: number): Trial {
  const { setting, arm, variation, model, train, success } = variant;
  const { name: experiment, revision } = config.experiment;
  const description: TrialDescription = { experiment, revision, data, model, train, success, seed };
  const id = trialId(description);
  return deepFreeze({
    id,
    config: config.name,
    profile: config.profile.name,
    setting,
    arm,
    variation,
    description,
  });
}

function labels({ setting, arm }: Trial): string {
  return `${setting}/${arm}`;
}
