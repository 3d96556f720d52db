import { join } from 'node:path';
import { checkpointFiles } from '../results/checkpoint.js';
import { type LiveClaim, liveClaims } from '../results/claims.js';
import type { Outcome } from '../results/record.js';
import type { ResultStore } from '../results/store.js';
import { cellKey, type Placed, placeRecords, type TablePlan } from '../tables/plan.js';
import type { TrialDescription } from '../trials/trial.js';

export type Outcomes = { readonly [kind in Outcome['kind']]: number };

/** How far a config and profile is on data that stand in for those asked for. */
export interface StandIn {
  /** e.g. `synthetic-digits` */
  readonly data: string;
  readonly planned: number;
  readonly done: number;
  readonly outcomes: Outcomes;
}

/** How far one config and profile is. */
export interface Status {
  readonly config: string;
  readonly profile: string;
  readonly planned: number;
  /** Planned trials that are stored, on the data that the config asks for: those on a stand-in are other trials. */
  readonly done: number;
  /** Outcomes of the stored trials of the planned cells on that data, further seeds included. */
  readonly outcomes: Outcomes;
  /** What is stored on data that stand in for those asked for, as `gnoise run` plans it where these cannot be had. */
  readonly standIns: readonly StandIn[];
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
  const of = (data: string | null) => stored.filter(({ fallback }) => fallback === data);
  const others = new Set(stored.flatMap(({ fallback }) => fallback ?? []));
  const claims = await liveClaims(folder);
  return {
    config: name,
    profile: profile.name,
    ...progressOf(plan, of(null)),
    standIns: [...others].sort().map((data) => ({ data, ...progressOf(plan, of(data)) })),
    unplanned: unplaced,
    runners: claims,
    running: new Set(claims.flatMap(({ ids }) => ids)).size,
    checkpoints: (await checkpointFiles(join(folder, 'checkpoints'))).length,
    broken: problems,
  };
}

/** What of the planned is stored, of the trials on one and the same data. */
function progressOf(plan: TablePlan, stored: readonly Placed[]): Omit<StandIn, 'data'> {
  const outcomes = { succeeded: 0, missed: 0, diverged: 0, failed: 0 };
  for (const { record } of stored) outcomes[record.outcome.kind] += 1;
  const key = (description: TrialDescription) => `${cellKey(description)} ${description.seed}`;
  const keys = new Set(stored.map(({ record }) => key(record.description)));
  const done = plan.trials.filter(({ description }) => keys.has(key(description))).length;
  return { planned: plan.trials.length, done, outcomes };
}
