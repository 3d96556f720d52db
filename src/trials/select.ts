import { UserError } from '../errors.js';
import { excerpt, excerptOf } from '../excerpt.js';
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
 * Sees that a config has what is selected; nothing need be planned for that.
 * @throws UserError if it has no such setting or arm.
 */
export function checkSelection(
  config: { readonly [kind in 'settings' | 'arms']: readonly { readonly name: string }[] },
  selection: Selection,
): void {
  for (const [option, kind] of [
    ['--setting', 'settings'],
    ['--arm', 'arms'],
  ] as const) {
    const known = config[kind].map(({ name }) => name);
    const names = new Set(known);
    const wrong = selection[kind]?.find((name) => !names.has(name));
    if (wrong !== undefined)
      throw new UserError(
        `${option} ${excerpt(wrong)}: the config has none of this name; ${hint(wrong, known)}`,
      );
  }
}

function hint(name: string, known: readonly string[]): string {
  const suggestion = suggest(name, known);
  return `it has ${excerptOf(known)}.${suggestion === undefined ? '' : ` Did you mean ${suggestion}?`}`;
}

/**
 * The trials that are asked for, in list order. The shard is cut from the whole list first, so that it is the same
 * piece whatever else is asked for.
 * @param trials All of a config's trials, from `planTrials`.
 */
export function selectTrials(trials: readonly Trial[], selection: Selection): Trial[] {
  const part = selection.shard === undefined ? trials : takeShard(trials, selection.shard);
  return part.filter(isSelected(selection));
}

/** Whether something is of the settings and arms that are asked for. */
export function isSelected({
  settings,
  arms,
}: Selection): (one: { setting: string; arm: string }) => boolean {
  const [ofSettings, ofArms] = [settings, arms].map((names) => names && new Set(names));
  return ({ setting, arm }) => (ofSettings?.has(setting) ?? true) && (ofArms?.has(arm) ?? true);
}
