import { join } from 'node:path';
import { checkpointFiles } from '../results/checkpoint.js';
import { type LiveClaim, liveClaims } from '../results/claims.js';
import type { Outcome } from '../results/record.js';
import type { ResultStore } from '../results/store.js';
import { cellKey, placeRecords, type TablePlan } from '../tables/plan.js';
import type { TrialDescription } from '../trials/trial.js';

/** How far one config and profile is. */
export interface Status {
  readonly config: string;
  readonly profile: string;
  readonly planned: number;
  /** Planned trials that are stored, on the data that the config asks for: those on a stand-in are other trials. */
  readonly done: number;
  /** Outcomes of all stored trials of the planned cells, further seeds included. */
  readonly outcomes: { readonly [kind in Outcome['kind']]: number };
  /** Stored trials on data that stand in for those asked for. */
  readonly onOtherData: number;
  /** Stored trials that the config no longer plans. */
  readonly unplanned: number;
  /** Trials that living runners are training, on any machine. */
  readonly running: number;
  /** Who trains them. */
  readonly runners: readonly LiveClaim[];
  readonly checkpoints: number;
  /** Files among the trials that cannot be trusted, and why. */
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
}

/** Looks at what is planned, stored, running and broken; reads files only, and changes none. */
export async function statusOf(plan: TablePlan, store: ResultStore): Promise<Status> {
  const { name, profile } = plan.config;
  const folder = store.folder(name, profile.name);
  const { records, problems } = await store.read(name, profile.name);
  const { placed, unplaced } = placeRecords(plan, records);
  const stored = [...new Map(placed.map((each) => [each.record.id, each])).values()];
  const outcomes = { succeeded: 0, missed: 0, diverged: 0, failed: 0 };
  for (const { record } of stored) outcomes[record.outcome.kind] += 1;
  const seedKey = (description: TrialDescription) => `${cellKey(description)} ${description.seed}`;
  const asked = stored.filter(({ fallback }) => fallback === null);
  const done = new Set(asked.map(({ record }) => seedKey(record.description)));
  const claims = await liveClaims(folder);
  return {
    config: name,
    profile: profile.name,
    planned: plan.trials.length,
    done: plan.trials.filter(({ description }) => done.has(seedKey(description))).length,
    outcomes,
    onOtherData: stored.filter(({ fallback }) => fallback !== null).length,
    unplanned: unplaced,
    runners: claims,
    running: new Set(claims.flatMap(({ ids }) => ids)).size,
    checkpoints: (await checkpointFiles(join(folder, 'checkpoints'))).length,
    broken: problems,
  };
}
