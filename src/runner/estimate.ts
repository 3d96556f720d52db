import type { DataContext, Experiment } from '../experiments/experiment.js';
import { canonicalJson } from '../json.js';
import type { Trial } from '../trials/trial.js';
import { type Calibration, calibrate } from './calibration.js';
import { structureOf } from './structure.js';

/** What a sweep would take on this machine. */
export interface Estimate {
  /** With so many processes at once: no less than the longest population takes. */
  readonly seconds: number;
  /** Of one process, on average. */
  readonly secondsPerTrial: number;
  /** Peak memory of the population that takes most, beside the data, and how many it trains in lockstep. */
  readonly bytes: number;
  readonly replicas: number;
  /** How many populations were trained briefly for that, and of how many kinds. */
  readonly sampled: number;
  readonly structures: number;
}

/** How long all samples together are trained, in seconds, and one of them at the least. */
const SECONDS = 3;
const LEAST_SECONDS = 0.2;

/** Kinds of population that are trained briefly; where there are more, these are spread evenly over them. */
const MOST_SAMPLES = 24;

/**
 * Trains a population of each structure for a moment: another task, another size or another budget takes another time.
 * @param populations all that are to be trained; null is returned where there are none.
 * @param trainable those of them whose data are at hand; at least one.
 */
export async function estimateSweep(
  experiment: Experiment,
  populations: readonly (readonly Trial[])[],
  context: DataContext,
  processes: number,
  trainable: ReadonlySet<readonly Trial[]> = new Set(populations),
): Promise<Estimate | null> {
  const kinds = new Map<string, (readonly Trial[])[]>();
  for (const population of populations) {
    const key = canonicalJson(structureOf(experiment, population[0]!));
    kinds.set(key, [...(kinds.get(key) ?? []), population]);
  }
  if (kinds.size === 0) return null;
  const sampled = (key: string) => kinds.get(key)!.find((population) => trainable.has(population));
  const chosen = spread(
    [...kinds.keys()].filter((key) => sampled(key)),
    MOST_SAMPLES,
  );
  const seconds = Math.max(LEAST_SECONDS, SECONDS / chosen.length);
  const samples = new Map<string, Calibration>();
  for (const key of chosen) samples.set(key, await calibrate(experiment, sampled(key)!, context, seconds));
  return { ...combine(kinds, samples, processes), sampled: samples.size, structures: kinds.size };
}

/**
 * The whole from its samples; kinds that were not sampled take what the samples take on average.
 * @param kinds populations by their kind; only how many trials each has matters.
 */
export function combine(
  kinds: ReadonlyMap<string, readonly { readonly length: number }[]>,
  samples: ReadonlyMap<string, Calibration>,
  processes: number,
): Omit<Estimate, 'sampled' | 'structures'> {
  const measured = [...samples.values()];
  const mean = (pick: (calibration: Calibration) => number) =>
    measured.reduce((sum, calibration) => sum + pick(calibration), 0) / measured.length;
  const average = {
    startSeconds: mean(({ startSeconds }) => startSeconds),
    secondsPerTrial: mean(({ secondsPerTrial }) => secondsPerTrial),
  };
  const times = [...kinds].flatMap(([kind, populations]) => {
    const { startSeconds, secondsPerTrial } = samples.get(kind) ?? average;
    return populations.map(({ length }) => startSeconds + length * secondsPerTrial);
  });
  const total = times.reduce((a, b) => a + b, 0);
  const trials = [...kinds.values()].flat().reduce((sum, { length }) => sum + length, 0);
  const largest = measured.reduce((a, b) => (bytesOf(a) >= bytesOf(b) ? a : b));
  return {
    seconds: Math.max(total / processes, ...times),
    secondsPerTrial: total / trials,
    bytes: bytesOf(largest),
    replicas: largest.replicas,
  };
}

function bytesOf({ bytesPerReplica, replicas }: Calibration): number {
  return bytesPerReplica * replicas;
}

/** At most so many of a list, at even distances, the first among them. */
function spread<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(list.length, most);
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}
