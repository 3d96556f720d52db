import { relative } from 'node:path';
import { printableLines } from '../../excerpt.js';
import type { StandIn, Status } from '../../planning/status.js';
import type { QueueStatus } from '../../queue/status.js';
import { gridText } from '../../tables/grid-text.js';

/**
 * A line per config and profile, and below it what the user should know of each.
 * @param width of the terminal, in columns.
 */
export function statusText(statuses: readonly Status[], width = Number.POSITIVE_INFINITY): string {
  const kinds = ['planned', 'done', 'succeeded', 'missed', 'diverged', 'failed'];
  const head = ['config, profile', ...kinds, 'running', 'checkpoints', 'broken'];
  const rows = statuses.flatMap((status) => {
    const { config, profile, running, checkpoints, broken, standIns } = status;
    const name = `${config}, ${profile}`;
    return [
      [name, ...counts(status), ...[running, checkpoints, broken.length].map(String)],
      // What runs and lies there is not told apart by its data.
      ...standIns.map((each) => [`${name} (${each.data})`, ...counts(each), '', '', '']),
    ];
  });
  const grid = { head, blocks: [{ title: null, rows }] };
  const lines = [gridText(grid, width), ...statuses.flatMap(remarks)];
  return printableLines(lines.map((line) => `${line}\n`).join(''));
}

function counts({ planned, done, outcomes }: Omit<StandIn, 'data'>): string[] {
  return [planned, done, ...Object.values(outcomes)].map(String);
}

function remarks({ config, profile, runners, standIns, unplanned, broken }: Status): string[] {
  const of = `${config}, profile ${profile}:`;
  return [
    ...runners.map(
      ({ host, pid, ids, quietSeconds }) =>
        `${of} process ${pid} on ${host} has ${ids.length} trials in training, seen ${quietSeconds} s ago`,
    ),
    ...standIns.map(
      ({ data }) =>
        `${of} ${data} stands in for the data asked for: these are other trials, with a line of their own`,
    ),
    ...(unplanned > 0
      ? [`${of} ${unplanned} stored trials belong to no planned cell: the config has since changed`]
      : []),
    ...broken.map(
      ({ file, reason }) => `${of} ${relative('', file)} is not trusted and counts as not done: ${reason}`,
    ),
  ];
}

/** When what is left will be done, at the pace of what was finished since `then`; null where nothing was. */
export function remainingText(then: Status, now: Status, seconds: number): string | null {
  const finished = now.done - then.done;
  const left = now.planned - now.done;
  if (finished <= 0 || left <= 0) return null;
  const minutes = Math.ceil((left * seconds) / finished / 60);
  return `${now.config}, profile ${now.profile}: ${finished} trials since ${Math.round(seconds)} s, ${left} left: about ${minutes} min`;
}

/** What a queue holds, who works on it, and what failed too often. */
export function queueStatusText({ waiting, training, parked, workers }: QueueStatus): string {
  const lines = [
    `${waiting} populations waiting, ${training} in training, ${parked.length} parked; ${workers.length} workers`,
    ...workers.map(
      ({ host, pid, jobs, backend }) => `worker on ${host}, process ${pid}: ${backend}, ${jobs} at once`,
    ),
    ...parked.map(
      ({ name, trials, reason }) =>
        `${name}: ${trials} trials are parked, because they failed too often: ${reason}`,
    ),
    ...(parked.length > 0 ? ['gnoise run --queue --retry-failed sends parked trials again'] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
