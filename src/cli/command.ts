import type { Command, InferArguments, InferOptions, Option } from '@commander-js/extra-typings';
import { type ExitCode, exitCodes } from './exit-codes.js';
import type { Streams } from './streams.js';

/**
 * What commander makes of options, by the name of each: what their defaults, choices and parsers say. (The tuple is not
 * typed as one of options: that type would flow back into an option without default or parser, and blur it.)
 */
export type FlagsOf<Options extends readonly unknown[]> = Options extends readonly [
  ...infer Rest,
  Option<infer Usage, infer Preset, infer Default, infer Parsed, infer Mandatory, infer Choices>,
]
  ? InferOptions<FlagsOf<Rest>, Usage, Default, Parsed, Mandatory, Preset, Choices>
  : Options extends readonly []
    ? unknown
    : never;

/** What commander makes of arguments, e.g. of `<config...>`. */
type ValuesOf<Arguments extends string> = Arguments extends '' ? [] : InferArguments<Arguments>;

/** A command that introduces itself. */
interface Introduction<Arguments extends string, Options extends readonly unknown[]> {
  readonly name: string;
  /** E.g. `<config...>`; empty where there are none. */
  readonly arguments: Arguments;
  /** What it does, for the help. */
  readonly text: string;
  readonly options: Options;
  /** Whether its group does this when no command is named. */
  readonly isDefault?: boolean;
  /**
   * Loads what it needs, calls one function of the product, and prints.
   * @returns the exit code, where it is not always 0.
   * @throws UserError for what is wrong with the input; src/cli/main.ts shows it.
   */
  action(
    values: ValuesOf<Arguments>,
    flags: FlagsOf<Options>,
    streams: Streams,
  ): Promise<ExitCode | undefined>;
}

/** A command, or a group of them, that can be added to a program; returns its exit code through `end`. */
export type AddCommand = (program: Command, streams: Streams, end: (code: ExitCode) => void) => void;

/** A command of the program or of a group. */
export function command<const Arguments extends string, const Options extends readonly unknown[]>({
  name,
  arguments: usage,
  text,
  options,
  isDefault = false,
  action,
}: Introduction<Arguments, Options>): AddCommand {
  return (program, streams, end) => {
    const added = program.command(`${name} ${usage}`.trim(), { isDefault }).description(text);
    for (const option of options) added.addOption(option as Option);
    added.action(async () => {
      // Commander gives them the types that `Introduction` has from the arguments and options.
      const values = added.processedArgs as unknown[] as ValuesOf<Arguments>;
      const code = await action(values, added.opts() as FlagsOf<Options>, streams);
      end(code ?? exitCodes.ok);
    });
  };
}

/** Commands under one name, e.g. `gnoise data list`. */
export function group(name: string, text: string, commands: readonly AddCommand[]): AddCommand {
  return (program, streams, end) => {
    const added = program.command(name).description(text);
    for (const add of commands) add(added as unknown as Command, streams, end);
  };
}
