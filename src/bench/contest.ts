import { type Contestant, Team } from './team.js';

/** What a contest came to for one contestant: milliseconds per replica and step in every round, or why there are none. */
export type Outcome =
  | { readonly contestant: Contestant; readonly rounds: readonly number[] }
  | { readonly contestant: Contestant; readonly error: string };

export interface ContestOptions {
  readonly replicas: number;
  readonly rounds: number;
  /** About how long a contestant trains in a round. */
  readonly seconds: number;
}

/**
 * Times contestants in turn, round by round, so that whatever else the machine does meets all of them. All of a
 * contestant's processes train at once; the time per replica and step counts the replicas of all of them.
 */
export async function contest(
  contestants: readonly Contestant[],
  { replicas, rounds, seconds }: ContestOptions,
): Promise<Outcome[]> {
  const entries = [];
  // One after the other: compilers should not have to share the machine.
  for (const contestant of contestants) entries.push(await enter(contestant, replicas, seconds));
  const times = new Map(contestants.map((contestant) => [contestant, [] as number[]]));
  for (let round = 0; round < rounds; round++)
    for (const { contestant, team, steps } of entries)
      if (team) {
        const duration = await team.seconds(steps);
        times.get(contestant)!.push((1000 * duration) / (steps * replicas * contestant.processes));
      }
  await Promise.all(entries.map(({ team }) => team?.close()));
  return entries.map(({ contestant, error }) =>
    error === undefined ? { contestant, rounds: times.get(contestant)! } : { contestant, error },
  );
}

/** Starts a contestant and finds how many steps fill a round. */
async function enter(contestant: Contestant, replicas: number, seconds: number) {
  const team = new Team(contestant);
  try {
    await team.prepare(replicas, contestant.noise);
    return { contestant, team, steps: await stepsIn(team, seconds) };
  } catch (error) {
    await team.close();
    return { contestant, error: (error as Error).message };
  }
}

/** About how many steps fill so many seconds; what is measured for it is long enough to warm up, too. */
async function stepsIn(team: Team, seconds: number): Promise<number> {
  for (let steps = 1; ; steps *= 2) {
    const duration = await team.seconds(steps);
    if (duration > seconds / 4) return Math.max(1, Math.round((steps * seconds) / duration));
  }
}

/** The middle one, or the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}
