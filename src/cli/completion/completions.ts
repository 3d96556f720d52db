import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { shippedNames } from '../../config/locate.js';

/** What may follow a command on the command line. */
export interface Completions {
  /** The words that lead to the command: `gnoise data list`. */
  readonly at: string;
  /** Commands of a group, or names of configs. */
  readonly words: readonly Word[];
  /** Whether files may follow, too. */
  readonly takesFiles: boolean;
  readonly flags: readonly Flag[];
}

export interface Word {
  readonly word: string;
  readonly text: string;
}

export interface Flag extends Word {
  readonly takesValue: boolean;
  /** Its values, where they are few; where there are none, a file may be meant. */
  readonly choices: readonly string[];
}

/** Of a command and all below it, as its help would list them. */
export function completionsOf(command: CommandUnknownOpts, at = command.name()): Completions[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const takesConfig = command.registeredArguments.some((argument) => /^(config|file)$/.test(argument.name()));
  const own: Completions = {
    at,
    words: [
      ...commands.map((inner) => ({ word: inner.name(), text: inner.description() })),
      ...(takesConfig ? shippedNames().map((word) => ({ word, text: 'config' })) : []),
    ],
    takesFiles: commands.length === 0,
    flags: help.visibleOptions(command).map((option) => ({
      word: option.long!,
      text: option.description,
      takesValue: option.required,
      choices: option.argChoices ?? [],
    })),
  };
  const below = commands.filter((inner) => command.commands.includes(inner));
  return [own, ...below.flatMap((inner) => completionsOf(inner, `${at} ${inner.name()}`))];
}
