import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.js';
import { listFolder, statIfPresent } from '../files/present.js';
import type { TrialRecord } from './record.js';
import { type Problem, ResultStore } from './store.js';
import { WeightStore } from './weights.js';

/** Two different results of one trial; the one in the target is kept. */
export interface Conflict {
  /** The file in the target. */
  readonly kept: string;
  /** The file that was left out. */
  readonly leftOut: string;
}

/** What became of the trials of the folders that were merged. */
export interface Merged {
  /** Trials that the target did not have. */
  readonly added: number;
  /** Trials of which the target had only a failed attempt. */
  readonly replaced: number;
  /** Trials that the target had already, with the same result. */
  readonly same: number;
  /** Trials whose kept weights came along. */
  readonly weights: number;
  readonly conflicts: readonly Conflict[];
  /** Files that cannot be trusted, and were left out. */
  readonly problems: readonly Problem[];
}

/**
 * Brings the trials of other results folders into one, e.g. what machines without a shared disk trained. A result that
 * is there is never overwritten; only a failed attempt gives way to one that ended. Merging again changes nothing.
 * @param sources folders as `--results` names them; they are only read.
 * @throws UserError, before anything is written, when a folder is missing, has no trials or is the target itself; when
 *   the target cannot be written to.
 */
export async function mergeResults(target: ResultStore, sources: readonly string[]): Promise<Merged> {
  const stores = await Promise.all(sources.map((folder) => openSource(folder, target)));
  const counts = { added: 0, replaced: 0, same: 0, weights: 0 };
  const kept = new WeightStore(target);
  const conflicts: Conflict[] = [];
  const problems: Problem[] = [];
  for (const source of stores) {
    for (const { config, profile } of await profilesOf(source)) {
      const stored = await source.read(config, profile);
      problems.push(...stored.problems);
      for (const record of stored.records) {
        const fate = await take(record, target);
        if (fate === 'conflict') conflicts.push({ kept: target.path(record), leftOut: source.path(record) });
        else counts[fate] += 1;
      }
      const taken = await takeWeights(stored.records, new WeightStore(source), kept, target);
      counts.weights += taken.count;
      problems.push(...taken.problems);
    }
  }
  return { ...counts, conflicts, problems };
}

async function take(
  record: TrialRecord,
  target: ResultStore,
): Promise<'added' | 'replaced' | 'same' | 'conflict'> {
  const existing = await target.readOne(record);
  const ended = ({ outcome }: TrialRecord) => outcome.kind !== 'failed';
  if (existing !== null) {
    // A failed attempt is no result, and nothing to keep beside one.
    if (!ended(record) || sameResult(existing, record)) return 'same';
    if (ended(existing)) return 'conflict';
  }
  await target.write(record);
  return existing === null ? 'added' : 'replaced';
}

/** Takes over kept weights of trials whose result the target has as it is here; those that it has stay. */
async function takeWeights(
  records: readonly TrialRecord[],
  from: WeightStore,
  to: WeightStore,
  target: ResultStore,
): Promise<{ count: number; problems: Problem[] }> {
  const [first] = records;
  const problems: Problem[] = [];
  let count = 0;
  if (!first) return { count, problems };
  const [there, here] = [await from.ids(first), await to.ids(first)];
  for (const record of records.filter(({ id }) => there.has(id) && !here.has(id))) {
    const merged = await target.readOne(record);
    if (merged === null || !sameResult(merged, record)) continue;
    const read = await from.read(record);
    if (read && 'reason' in read) problems.push({ file: from.path(record), reason: read.reason });
    else {
      await to.take(record, from);
      count += 1;
    }
  }
  return { count, problems };
}

/** Where and when a trial was trained makes no other result of it. */
function sameResult(a: TrialRecord, b: TrialRecord): boolean {
  // Nor do gradients, which older versions did not record.
  const resultOf = ({ provenance: _, curve, ...rest }: TrialRecord) => ({
    ...rest,
    curve: curve.map(({ gradient: _gradient, ...point }) => point),
  });
  return isDeepStrictEqual(resultOf(a), resultOf(b));
}

async function openSource(folder: string, target: ResultStore): Promise<ResultStore> {
  if (resolve(folder) === resolve(target.root))
    throw new UserError(
      `${folder} is the folder that is merged into: name the others, and this one by --results.`,
    );
  if (!(await statIfPresent(folder))?.isDirectory())
    throw new UserError(`${folder} is no folder. Name results folders as --results names them.`);
  const store = new ResultStore(folder);
  if ((await profilesOf(store)).length === 0)
    throw new UserError(
      `${folder} holds no trials at <config>/<profile>/trials. Name the folder that --results named when they were trained.`,
    );
  return store;
}

async function profilesOf(store: ResultStore): Promise<{ config: string; profile: string }[]> {
  const isFolder = async (name: string) => (await statIfPresent(join(store.root, name)))?.isDirectory();
  const pairs = await Promise.all(
    (await listFolder(store.root)).map(async (config) =>
      (await isFolder(config)) ? (await store.profiles(config)).map((profile) => ({ config, profile })) : [],
    ),
  );
  return pairs.flat();
}
