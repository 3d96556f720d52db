import { UserError } from '../errors.js';
import { suggest } from '../suggest.js';
import { type Shard, takeShard } from './shard.js';
import type { Trial } from './trial.js';

/** What the command line asks for; an absent field leaves nothing out. */
export interface Selection {
  readonly settings?: readonly string[] | undefined;
  readonly arms?: readonly string[] | undefined;
  readonly shard?: Shard | undefined;
}

/**
 * The trials that are asked for, in list order. The shard is cut from the whole list first, so that it is the same
 * piece whatever else is asked for.
 * @param trials All of a config's trials, from `planTrials`.
 * @throws UserError if a setting or an arm is not in the list.
 */
export function selectTrials(trials: readonly Trial[], { settings, arms, shard }: Selection): Trial[] {
  checkNames('--setting', settings, [...new Set(trials.map(({ setting }) => setting))]);
  checkNames('--arm', arms, [...new Set(trials.map(({ arm }) => arm))]);
  const part = shard === undefined ? trials : takeShard(trials, shard);
  return part.filter(
    ({ setting, arm }) => (settings?.includes(setting) ?? true) && (arms?.includes(arm) ?? true),
  );
}

function checkNames(option: string, asked: readonly string[] = [], known: readonly string[]): void {
  const wrong = asked.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  const suggestion = suggest(wrong, known);
  const guess = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  throw new UserError(
    `${option} ${wrong}: the config has none of this name; it has ${known.join(', ')}.${guess}`,
  );
}
