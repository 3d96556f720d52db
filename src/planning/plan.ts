import type { Config, Section, Variant } from '../config/config.js';
import { deepFreeze } from '../json.js';
import { idBySeed } from '../trials/ids.js';
import type { Trial } from '../trials/trial.js';

/** The data section that a trial really uses, from the one in the config; see `resolveDataSections`. */
export type ResolveData = (data: Section) => Section;

/** The variants of one grid point of a setting, arm by arm. */
type Point = Variant[];

/** Notices of one kind that are given one by one. */
const MAX_NOTICES = 10;

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
  const makers = new Map(
    config.variants.map((variant) => [variant, trialMaker(config, variant, resolveData)]),
  );
  const trials = new Map<string, Trial>();
  const shared = new Set<string>();
  for (const [seed, settings] of settingsBySeed(config)) {
    for (const variant of pointByPoint(settings)) {
      const trial = makers.get(variant)!(seed);
      const other = trials.get(trial.id);
      if (other === undefined) trials.set(trial.id, trial);
      else shared.add(`${labels(trial)} and ${labels(other)}`);
    }
  }
  for (const pair of [...shared].slice(0, MAX_NOTICES))
    notice(`${config.name}: ${pair} come to the same data here and are trained once, as the latter.`);
  if (shared.size > MAX_NOTICES)
    notice(`${config.name}: the same holds of ${shared.size - MAX_NOTICES} further pairs.`);
  return [...trials.values()];
}

/** The grid points of the settings that have a seed, for each seed, in the order of the first setting that has it. */
function settingsBySeed(config: Config): Map<number, Point[][]> {
  const points = pointsBySetting(config);
  const bySeed = new Map<number, Point[][]>();
  for (const { name, seeds } of config.settings) {
    for (const seed of seeds) {
      const settings = bySeed.get(seed);
      if (settings) settings.push(points.get(name)!);
      else bySeed.set(seed, [points.get(name)!]);
    }
  }
  return bySeed;
}

function pointsBySetting({ settings, variants }: Config): Map<string, Point[]> {
  const found = new Map(settings.map(({ name }) => [name, new Map<string, Point>()]));
  for (const variant of variants) {
    const points = found.get(variant.setting)!;
    const key = JSON.stringify(variant.variation);
    const point = points.get(key);
    if (point) point.push(variant);
    else points.set(key, [variant]);
  }
  return new Map([...found].map(([name, points]) => [name, [...points.values()]]));
}

/** The first grid point of every setting, then the second, and so on. */
function* pointByPoint(settings: readonly Point[][]): Generator<Variant> {
  let left = settings;
  for (let index = 0; left.length > 0; index++) {
    left = left.filter((points) => index < points.length);
    for (const points of left) yield* points[index]!;
  }
}

/** Makes a variant's trials, which differ in their seed only. */
function trialMaker(config: Config, variant: Variant, resolveData: ResolveData): (seed: number) => Trial {
  const { setting, arm, variation, model, train, success } = variant;
  const { name: experiment, revision } = config.experiment;
  const data = resolveData(variant.data);
  const shared = { experiment, revision, data, model, train, success };
  const idOf = idBySeed(shared);
  return (seed) =>
    deepFreeze({
      id: idOf(seed),
      config: config.name,
      profile: config.profile.name,
      setting,
      arm,
      variation,
      description: { ...shared, seed },
    });
}

function labels({ setting, arm }: Trial): string {
  return `${setting}/${arm}`;
}
