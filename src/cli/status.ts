import { join, relative } from 'node:path';
import CliTable from 'cli-table3';
import { checkpointFiles } from '../results/checkpoint.js';
import { liveClaims } from '../results/claims.js';
import type { Outcome } from '../results/record.js';
import type { ResultStore } from '../results/store.js';
import { cellKey, placeRecords, type TablePlan } from '../tables/plan.js';
import type { TrialDescription } from '../trials/trial.js';
import type { Writer } from './table.js';

/** How far one config and profile is. */
export interface Status {
  readonly config: string;
  readonly profile: string;
  readonly planned: number;
  /** Planned trials that are stored, on whichever data. */
  readonly done: number;
  /** Outcomes of all stored trials of the planned cells, further seeds included. */
  readonly outcomes: { readonly [kind in Outcome['kind']]: number };
  /** Stored trials on data that stand in for those asked for. */
  readonly onOtherData: number;
  /** Stored trials that the config no longer plans. */
  readonly unplanned: number;
  /** Trials that living runners are training, on any machine. */
  readonly running: number;
  readonly checkpoints: number;
  /** Files among the trials that cannot be trusted, and why. */
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
}

export interface StatusOptions {
  /** One per config and profile. */
  readonly plans: readonly TablePlan[];
  readonly store: ResultStore;
  readonly json: boolean;
  readonly out: Writer;
}

/** `gnoise status`: what is planned, stored, running and broken; reads files only, and changes none. */
export async function statusCommand({ plans, store, json, out }: StatusOptions): Promise<void> {
  const statuses: Status[] = [];
  for (const plan of plans) statuses.push(await statusOf(plan, store));
  out.write(json ? `${JSON.stringify(statuses, null, 2)}\n` : statusText(statuses));
}

export async function statusOf(plan: TablePlan, store: ResultStore): Promise<Status> {
  const { name, profile } = plan.config;
  const folder = store.folder(name, profile.name);
  const { records, problems } = await store.read(name, profile.name);
  const { placed, unplaced } = placeRecords(plan, records);
  const stored = [...new Map(placed.map((each) => [each.record.id, each])).values()];
  const outcomes = { succeeded: 0, missed: 0, diverged: 0, failed: 0 };
  for (const { record } of stored) outcomes[record.outcome.kind] += 1;
  const seedKey = (description: TrialDescription) => `${cellKey(description)} ${description.seed}`;
  const done = new Set(stored.map(({ record }) => seedKey(record.description)));
  const claims = await liveClaims(folder);
  return {
    config: name,
    profile: profile.name,
    planned: plan.trials.length,
    done: plan.trials.filter(({ description }) => done.has(seedKey(description))).length,
    outcomes,
    onOtherData: stored.filter(({ fallback }) => fallback !== null).length,
    unplanned: unplaced,
    running: new Set(claims.flatMap(({ ids }) => ids)).size,
    checkpoints: (await checkpointFiles(join(folder, 'checkpoints'))).length,
    broken: problems,
  };
}

function statusText(statuses: readonly Status[]): string {
  const numbers = [
    'planned',
    'done',
    'succeeded',
    'missed',
    'diverged',
    'failed',
    'running',
    'checkpoints',
    'broken',
  ];
  const table = new CliTable({
    head: ['config', 'profile', ...numbers],
    colAligns: ['left', 'left', ...numbers.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { config, profile, planned, done, outcomes, running, checkpoints, broken } of statuses) {
    table.push([
      config,
      profile,
      planned,
      done,
      ...Object.values(outcomes),
      running,
      checkpoints,
      broken.length,
    ]);
  }
  return [table.toString(), ...statuses.flatMap(remarks)].map((line) => `${line}\n`).join('');
}

function remarks({ config, profile, onOtherData, unplanned, broken }: Status): string[] {
  const of = `${config}, profile ${profile}:`;
  return [
    ...(onOtherData > 0
      ? [`${of} ${onOtherData} stored trials are on data that stand in for those asked for`]
      : []),
    ...(unplanned > 0
      ? [`${of} ${unplanned} stored trials belong to no planned cell: the config has since changed`]
      : []),
    ...broken.map(
      ({ file, reason }) => `${of} ${relative('', file)} is not trusted and counts as not done: ${reason}`,
    ),
  ];
}
