import type { Experiment, Settings } from '../experiments/experiment.js';

/** Settings that are named at most, and the share of the memory that half of one must save to be named. */
const MOST_NAMED = 3;
const LEAST_SAVED = 0.1;

/** Rough bytes of one replica in training, on whatever backend. */
export function leastBytes(experiment: Experiment, settings: Settings): number {
  return experiment.leastBytes?.(settings) ?? experiment.bytesPerReplica(settings);
}

/** The settings whose lowering saves most memory, with their values: `model.units (1000000) or train.batchSize (100)`. */
export function remedies(experiment: Experiment, settings: Settings): string {
  const before = trialBytes(experiment, settings);
  const saving = numbersIn(settings).map(({ path, value }) => {
    const changed = withNumber(settings, path, Math.ceil(value / 2));
    return { text: `${path.join('.')} (${value})`, saved: before - trialBytes(experiment, changed) };
  });
  const named = saving
    .filter(({ saved }) => saved >= LEAST_SAVED * before)
    .sort((a, b) => b.saved - a.saved)
    .slice(0, MOST_NAMED)
    .map(({ text }) => text);
  return named.length === 1 ? named[0]! : `${named.slice(0, -1).join(', ')} or ${named.at(-1)}`;
}

/** Rough bytes of one trial in training, with its data. */
function trialBytes(experiment: Experiment, settings: Settings): number {
  return leastBytes(experiment, settings) + (experiment.dataBytes?.(settings.data) ?? 0);
}

interface Place {
  readonly path: readonly string[];
  readonly value: number;
}

/** All numbers in maps of maps, each with its path. */
function numbersIn(map: object, above: readonly string[] = []): Place[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const path = [...above, key];
    if (typeof value === 'number') return [{ path, value }];
    return isMap(value) ? numbersIn(value, path) : [];
  });
}

function withNumber<T extends object>(map: T, [key, ...rest]: readonly string[], value: number): T {
  const inner: unknown = map[key as keyof T];
  return { ...map, [key!]: isMap(inner) ? withNumber(inner, rest, value) : value };
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
